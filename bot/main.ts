import { type Arguments, parseArguments } from '../adapters/terminal/arguments.ts';
import { SHORT_USAGE, usageText } from '../adapters/terminal/usage.ts';
import { ConfigError } from '../config/config-error.ts';
import { configFromProcess } from '../config/from-process.ts';
import { EXIT, firstSignal, firstUncaught } from './exit-status.ts';
import { runInTerminal } from './main/in-terminal.ts';
import { print } from './main/last-words.ts';
import { isServed, runServed } from './main/served.ts';
import { version } from './main/version.ts';

process.exit(await main(process.argv.slice(2)));

async function main(typed: readonly string[]): Promise<number> {
  // Whoever reads may leave (`| head -1`): nothing to be told about, and those who write notice it themselves.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const asked = parseArguments(typed, process.stdin.isTTY === true);
  switch (asked.kind) {
    case 'help':
      await print(process.stdout, usageText());
      return EXIT.ended;
    case 'version':
      await print(process.stdout, `${version()}\n`);
      return EXIT.ended;
    case 'wrong':
      await print(process.stderr, `${asked.message}\n${SHORT_USAGE}`);
      return EXIT.wrongUsage;
    case 'run':
      return run(asked);
  }
}

type Asked = Extract<Arguments, { kind: 'run' }>;

async function run(asked: Asked): Promise<number> {
  let interrupt = () => false;
  const signal = firstSignal((name) => name === 'SIGINT' && interrupt());
  const mistake = firstUncaught();
  const loaded = settingsOrNothing();
  if (!loaded) return EXIT.wrongSettings;
  const over = Promise.race([signal, mistake]);
  if (isServed(loaded.config) && !asked.json && !asked.task) return runServed(loaded, over);
  return runInTerminal(asked, loaded, over, (meant) => {
    interrupt = meant;
  });
}

function settingsOrNothing(): ReturnType<typeof configFromProcess> | undefined {
  try {
    return configFromProcess();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return undefined;
  }
}
