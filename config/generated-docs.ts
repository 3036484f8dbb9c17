import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A piece of documentation that is made from code, so that it cannot grow stale. */
export interface GeneratedPart {
  /** Relative to the project's folder, with forward slashes. */
  readonly file: string;
  /** The part lies between `<!-- marker:begin … -->` and `<!-- marker:end -->`; absent: it is the whole file. */
  readonly marker?: string;
  render(): string;
}

/**
 * The file's text with the part as it should be.
 *
 * @throws Error when the file lacks the part's markers.
 */
export function fillIn(part: GeneratedPart, current: string): string {
  if (part.marker === undefined) return `${part.render().trim()}\n`;
  const begin = current.indexOf(`<!-- ${part.marker}:begin`);
  const end = current.indexOf(`<!-- ${part.marker}:end -->`);
  const afterBegin = current.indexOf('-->', begin) + '-->'.length;
  if (begin < 0 || end < afterBegin) {
    throw new Error(
      `${part.file} has no place for its ${part.marker}. Add the lines "${beginMarker(part.marker)}" and ` +
        `"<!-- ${part.marker}:end -->" where they belong.`,
    );
  }
  const before = current.slice(0, begin);
  return `${before}${beginMarker(part.marker)}\n\n${part.render().trim()}\n\n${current.slice(end)}`;
}

function beginMarker(marker: string): string {
  return `<!-- ${marker}:begin (made by npm run docs) -->`;
}

/** The files that differ from what the code says, for a test. */
export function staleFiles(parts: readonly GeneratedPart[], directory: string): readonly string[] {
  return parts
    .filter((part) => {
      const current = read(directory, part.file);
      return current === undefined || fillIn(part, current) !== current;
    })
    .map((part) => part.file);
}

/** Brings the files up to date; returns those that changed. */
export function writeParts(parts: readonly GeneratedPart[], directory: string): readonly string[] {
  const changed = new Set<string>();
  for (const part of parts) {
    const current = read(directory, part.file);
    const wanted = fillIn(part, current ?? '');
    if (wanted === current) continue;
    writeFileSync(path.join(directory, part.file), wanted);
    changed.add(part.file);
  }
  return [...changed];
}

function read(directory: string, file: string): string | undefined {
  try {
    return readFileSync(path.join(directory, file), 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
