import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';
import type { Logger } from '../../config/logger.ts';

/**
 * The bot's log as the SDK writes to it. What the SDK calls debug holds messages and tokens, and is dropped; what it calls
 * info is of interest only when something is searched for; and what it calls an error is one try of several.
 */
export function slackLog(logger: Logger): SlackLogger {
  const text = (parts: readonly unknown[]): string =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => undefined,
    info: (...parts) => logger.debug(text(parts)),
    warn: (...parts) => logger.warn(text(parts)),
    error: (...parts) => logger.warn(text(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
