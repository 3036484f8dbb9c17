import type { Colors } from 'picocolors/types.js';

export interface LineFormat {
  readonly colors: Colors;
  /** Whether an error's stack follows on lines of its own. */
  readonly stacks: boolean;
}

/** Turns one record of the log, as JSON, into a line for people (without its end): `14:03:11 warn  message name=value`. */
export function humanLine(json: string, { colors, stacks }: LineFormat): string {
  const { time, level, msg, err, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const clock = typeof time === 'number' ? timeOfDay(new Date(time)) : '';
  const parts = [colors.dim(clock), paint(String(level), colors)];
  if (typeof msg === 'string') parts.push(printable(msg));
  for (const [name, value] of Object.entries(fields)) parts.push(colors.dim(`${name}=${show(value)}`));

  const failure = typeof err === 'object' && err !== null ? (err as Record<string, unknown>) : undefined;
  if (failure !== undefined && failure.message !== msg) {
    parts.push(printable(`${failure.type}: ${failure.message}`));
  }
  const stack = stacks && typeof failure?.stack === 'string' ? `\n${indent(failure.stack)}` : '';
  return `${parts.join(' ')}${stack}`;
}

function timeOfDay(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

function paint(level: string, colors: Colors): string {
  const padded = level.padEnd(5);
  if (level === 'error' || level === 'fatal') return colors.red(padded);
  if (level === 'warn') return colors.yellow(padded);
  return level === 'info' ? colors.green(padded) : colors.dim(padded);
}

function show(value: unknown): string {
  const text = typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return printable(text);
}

function indent(stack: string): string {
  return stack
    .split('\n')
    .map((line) => `    ${printable(line.trim())}`)
    .join('\n');
}

/** Keeps a record on its line: text from strangers must not steer the terminal or pose as another record. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
}
