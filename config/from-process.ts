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
    // https://no-color.org: set and not empty means no colours.
    colors: terminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
  });
}

/** A terminal on which nothing can be written over, as in an editor's window. */
export function isDumbTerminal(): boolean {
  return process.env.TERM === 'dumb';
}
