import { wantsColors } from './colors.ts';
import { type Config, type Loaded, loadConfig, secretsOf } from './config.ts';
import { createLogger, type Logger } from './logger.ts';
import { settings } from './settings.ts';

/**
 * The only place where the process's own environment is read.
 *
 * @throws ConfigError with every problem at once.
 */
export function configFromProcess(): Loaded<Config> {
  return loadConfig({ env: process.env, directory: process.cwd() });
}

/** The bot's log: to standard error, for people where that is a terminal and as JSON elsewhere. */
export function logToStandardError(config: Config): Logger {
  const terminal = process.stderr.isTTY === true;
  return createLogger({
    level: config.logLevel,
    secrets: secretsOf(config, settings),
    format: terminal ? 'human' : 'json',
    colors: terminal && wantsColors(process.env, terminal),
  });
}

/** Whether what is written there may have colours. */
export function colorsFor({ isTTY }: { readonly isTTY?: boolean }): boolean {
  return wantsColors(process.env, isTTY === true);
}

/** A terminal on which nothing can be written over, as in an editor's window. */
export function isDumbTerminal(): boolean {
  return process.env.TERM === 'dumb';
}
