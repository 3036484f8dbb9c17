import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Confidential } from '../fakes/confidential.ts';
import { filesIn } from '../source-file.ts';

/** A written line that it should not have been. */
export interface Leak {
  readonly what: 'a secret' | 'a text';
  /** As much of it as there is. */
  readonly found: string;
  readonly line: string;
}

/** Four words in a row are somebody's; fewer are anybody's. Numbers are none: ids stand in texts and in logs. */
const WORDS = 4;

/** A text that is shorter than that counts as a whole, unless it is next to nothing: "again" is a command, too. */
const SHORTEST_WHOLE = 12;

/**
 * Finds secrets, and any four words in a row of a text, in what was written; case, punctuation and escapes make no
 * difference. What stands in the program itself is nobody's text: the bot's own phrases are posted and may be logged.
 */
export function leaksIn(written: readonly string[], { texts, secrets }: Confidential): readonly Leak[] {
  const phrases = phrasesOf(texts);
  let own: ReadonlySet<string> | undefined;
  return written.flatMap((line): readonly Leak[] => {
    const secret = [...secrets].find((one) => line.includes(one));
    if (secret !== undefined) return [{ what: 'a secret', found: secret, line }];
    const words = wordsOf(line);
    const suspects = [1, 2, 3, 4].flatMap((length) =>
      windows(words, length).filter((one) => phrases.has(one)),
    );
    if (suspects.length === 0) return [];
    own ??= phrasesOf(programTexts());
    const known = own;
    const found = suspects.find((one) => !known.has(one) && !isPartOf(one, known));
    return found === undefined ? [] : [{ what: 'a text', found, line }];
  });
}

function phrasesOf(texts: Iterable<string>): ReadonlySet<string> {
  const phrases = new Set<string>();
  for (const text of texts) {
    const words = wordsOf(text);
    if (words.length >= WORDS) for (const phrase of windows(words, WORDS)) phrases.add(phrase);
    else if (words.join(' ').length >= SHORTEST_WHOLE) phrases.add(words.join(' '));
  }
  return phrases;
}

function isPartOf(phrase: string, known: ReadonlySet<string>): boolean {
  return [...known].some((one) => one.includes(phrase));
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .replace(/\\[nrt]/gu, ' ')
      .match(/[\p{L}\p{N}]*\p{L}[\p{L}\p{N}]*/gu) ?? []
  );
}

function windows(words: readonly string[], length: number): readonly string[] {
  return words
    .slice(0, Math.max(0, words.length - length + 1))
    .map((_, at) => words.slice(at, at + length).join(' '));
}

function programTexts(): readonly string[] {
  const project = path.resolve(import.meta.dirname, '../..');
  return filesIn(['adapters', 'bot', 'config', 'inference']).map((file) =>
    // String concatenation across lines is still one phrase.
    readFileSync(path.join(project, file), 'utf8').replace(/['"`]\s*\+\s*['"`]/gu, ''),
  );
}
