import picocolors from 'picocolors';
import { pino } from 'pino';
import { errorRecord } from './error-record.ts';
import { humanLine } from './log-line.ts';
import { secretMasker } from './mask-secrets.ts';

/** `log.info('text')`, or `log.info({ turn: 7 }, 'text')`; an error goes under `err`. */
export interface LogMethod {
  (message: string): void;
  (fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What other rooms know of the log. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** A log whose every record carries these fields too. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Masked wherever they occur in a record: message, fields at any depth, errors and their stacks. */
  readonly secrets: readonly string[];
  /** `json`: one object a line, for machines. `human`: one line a record, for a terminal. */
  readonly format: 'json' | 'human';
  readonly colors?: boolean;
  /** Takes whole lines. Absent: standard error; standard output belongs to replies. */
  readonly write?: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
}

export function createLogger({
  level,
  secrets,
  format,
  colors = false,
  write = standardError(),
  clock = Date.now,
}: LoggerOptions): Logger {
  const masked = secretMasker(secrets);
  const lineFormat = {
    colors: picocolors.createColors(colors),
    stacks: level === 'debug' || level === 'trace',
  };
  // Secrets are blanked out in the finished record: whatever way they came in, there is only this way out.
  const out = (record: string): void => {
    const safe = masked(record.trimEnd());
    write(`${format === 'human' ? humanLine(safe, lineFormat) : safe}\n`);
  };
  return pino(
    {
      level,
      base: null,
      serializers: { err: (error: unknown) => errorRecord(error) },
      timestamp: () => `,"time":${clock()}`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: out },
  );
}

/** Synchronous, so that the last words before a crash are written; a closed pipe ends the log, not the bot. */
function standardError(): (line: string) => void {
  const stream = pino.destination({ dest: 2, sync: true });
  return (line) => {
    stream.write(line);
  };
}
