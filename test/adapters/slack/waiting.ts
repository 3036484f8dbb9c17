import type { FakeChannel, MessageFilter } from '../../fakes/slack/driver/fake-channel.ts';
import type { SeenMessage } from '../../fakes/slack/driver/seen-message.ts';
import type { Parley } from './parley.ts';

/** An answer that is complete: nothing more can be stopped. */
export function complete(message: SeenMessage | undefined): SeenMessage | undefined {
  // A stream begins without words.
  if (!message || message.read === '' || message.streaming === 'in_progress') return undefined;
  return message.actions.includes('stop') ? undefined : message;
}

/** The bot's nth message there, once it is complete. */
export function answerIn(
  { slack }: Parley,
  channel: FakeChannel,
  filter: Omit<MessageFilter, 'by'> = {},
  nth = 0,
): Promise<SeenMessage> {
  return slack.waitFor(() => complete(channel.answers(filter)[nth]), { what: 'the complete answer' });
}

/** Waits until the bot has taken everything that happened so far, and would have answered it. Needs an engine that echoes. */
export async function quiet(parley: Parley): Promise<void> {
  const witness = parley.slack.workspace.user('witness');
  const said = witness.dm('say: quiet');
  await answerIn(parley, witness.directMessages, { thread: said.ts });
}
