import { DiscordError } from '../../adapters/discord/discord-error.ts';
import { SlackError } from '../../adapters/slack/slack-error.ts';
import type { Logger } from '../../config/logger.ts';
import { InferenceError } from '../../inference/errors.ts';
import { EXIT } from '../exit-status.ts';
import { MonitorError } from '../observability/monitor-error.ts';
import { StoreError } from '../store/store-error.ts';

/** Settles when it is written, or cannot be: the process ends then, whatever is still on its way. */
export function print(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}

/** The exit status of a program that has ended so; an error is told first. */
export async function statusOf(end: number | Error, logger: Logger): Promise<number> {
  if (typeof end === 'number') return end;
  await print(process.stderr, `${lastWords(end)}\n`);
  if (!isExpected(end)) logger.error({ err: end }, 'ended by a mistake in the program');
  return EXIT.failed;
}

/** It tells whoever runs the program what to do. */
function isExpected(error: Error): boolean {
  return [InferenceError, DiscordError, SlackError, StoreError, MonitorError].some(
    (expected) => error instanceof expected,
  );
}

function lastWords(error: Error): string {
  return isExpected(error)
    ? `Parley cannot go on: ${error.message}`
    : 'Parley has to stop because of a mistake in the program. Start it again; what was not answered must be asked again.';
}
