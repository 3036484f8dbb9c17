import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'dotenv';
import { closestName } from './closest-name.ts';

/** Something in `.env` that has no effect and was probably meant to have one. */
export interface ConfigWarning {
  readonly name: string;
  readonly message: string;
}

/** `values`: what the file sets, empty when there is no file. `unreadable`: what was found in a file's place. */
export type EnvFile =
  | { readonly values: Readonly<Record<string, string>>; readonly source: string }
  | { readonly unreadable: string };

/** Reads `.env` without touching `process.env`. A byte order mark, CRLF, quotes and `export` are fine. */
export function readEnvFile(directory: string): EnvFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path.join(directory, '.env'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return { values: {}, source: '' };
    if (code === 'EISDIR') return { unreadable: 'a folder' };
    if (code === 'EACCES' || code === 'EPERM') return { unreadable: 'a file that this user may not read' };
    return { unreadable: `an error (${error instanceof Error ? error.message : String(error)})` };
  }
  const source = decodeUtf8(bytes);
  // Editors and shells on Windows like to save UTF-16; dotenv would find nothing in it and say nothing.
  if (source === undefined) return { unreadable: 'a file that is not UTF-8 text' };
  return { values: parse(source), source };
}

function decodeUtf8(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What the file sets in vain: names that are no setting, and lines that dotenv skips without a word. */
export function warnAbout(
  file: { readonly values: Readonly<Record<string, string>>; readonly source: string },
  known: readonly string[],
): readonly ConfigWarning[] {
  const unknown = Object.keys(file.values)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = closestName(name, known);
      const advice = meant === undefined ? 'Remove it, or see .env.example.' : `Did you mean ${meant}?`;
      return { name, message: `${name} in .env is no setting and has no effect. ${advice}` };
    });
  return [...unknown, ...linesWithoutEquals(file.source, known)];
}

function linesWithoutEquals(source: string, known: readonly string[]): readonly ConfigWarning[] {
  return source.split(/\r\n?|\n/).flatMap((line, index) => {
    const name = /^\s*(?:export\s+)?(\w+)(?!\w|\s*=|:\s)/.exec(line)?.[1];
    // Only a known name: the inside of a quoted value of several lines may look like anything else.
    if (name === undefined || !known.includes(name)) return [];
    const message = `Line ${index + 1} of .env names ${name} but sets nothing. Write ${name}=value.`;
    return [{ name, message }];
  });
}
