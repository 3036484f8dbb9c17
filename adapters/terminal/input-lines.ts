/** One line of standard input, numbered from 1: its text, or why it is none. */
export type InputLine =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly problem: { readonly code: LineProblem; readonly message: string } };

export type LineProblem = 'LINE_TOO_LONG' | 'NOT_TEXT' | 'ENCODING';

/** A line is a request and not a file: a hundred times what a model reads is plenty, and the rest is never held. */
const LONGEST_LINE_MB = 1;
const LONGEST_LINE = LONGEST_LINE_MB * 1024 * 1024;

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Splits bytes into lines, whatever they hold. A last line without an end is a line; an end without a line is none. */
export async function* inputLines(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<InputLine, void, undefined> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (part: Uint8Array) => {
    if (length <= LONGEST_LINE) parts.push(part);
    length += part.length;
  };
  const finish = (): InputLine => {
    const line = length > LONGEST_LINE ? tooLong(number) : toLine(number, Buffer.concat(parts));
    number += 1;
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  if (length > 0) yield finish();
}

function toLine(number: number, bytes: Uint8Array): InputLine {
  const whole = bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
  const text = decode(whole);
  if (text === undefined) {
    return problem(
      number,
      'ENCODING',
      `Line ${number} is not UTF-8 text, so I cannot read it. Send it in UTF-8.`,
    );
  }
  if (text.includes('\0')) {
    return problem(
      number,
      'NOT_TEXT',
      `Line ${number} is binary data and no text, so there is nothing to answer.`,
    );
  }
  return { number, text };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function tooLong(number: number): InputLine {
  const hint = 'Put the text into a file and name its path: /summarize ./notes.txt';
  return problem(number, 'LINE_TOO_LONG', `Line ${number} is longer than ${LONGEST_LINE_MB} MB. ${hint}`);
}

function problem(number: number, code: LineProblem, message: string): InputLine {
  return { number, problem: { code, message } };
}
