import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Command, commandsFor, findCommand } from '../../bot/commands.ts';
import { type Folders, resolvePath } from './local-file.ts';
import { printable } from './printable.ts';

/** What may stand in place of the end of the line, and that end: the shape that the line editor asks for. */
export type Completions = readonly [hits: string[], end: string];

export interface CompletionRules {
  readonly folders: Folders;
  /** Windows writes backslashes in paths, so a blank in one needs quotes. */
  readonly windows: boolean;
}

/** More would push what was said off the screen. */
const MOST_LISTED = 100;

/** What `/model` knows besides folders. */
const MODELS = ['auto', 'starter'];

/** Completes the line up to the cursor: a command's name, or the path behind a command that takes one. */
export function complete(line: string, rules: CompletionRules): Completions {
  const [, indent = '', name, blank, argument = ''] = /^(\s*)\/(\S*)(\s+)?(.*)$/su.exec(line) ?? [];
  if (name === undefined) return [[], line];
  if (blank === undefined) return among(commandNames(), line.slice(indent.length));
  const command = findCommand(name, 'terminal');
  if (!command) return [[], line];
  if (isModel(command)) {
    const [words] = among(
      MODELS.map((word) => `${word} `),
      argument,
    );
    if (words.length > 0) return [words, argument];
    return completePath(argument, { ...rules, foldersOnly: true });
  }
  if (!command.options.some(({ type }) => type === 'file')) return [[], line];
  return completePath(argument, { ...rules, foldersOnly: false });
}

function commandNames(): readonly string[] {
  return commandsFor('terminal').map((command) => `/${command.name} `);
}

function isModel({ means }: Command): boolean {
  return means.kind === 'control' && means.control === 'model';
}

function completePath(
  argument: string,
  { folders, windows, foldersOnly }: CompletionRules & { readonly foldersOnly: boolean },
): Completions {
  const typed = readPath(argument, windows);
  if (!typed) return [[], argument];
  const parent = typed.path.slice(0, nameStart(typed.path, windows));
  const begun = typed.path.slice(parent.length);
  // Of `~` alone nobody knows yet whether it is home or the beginning of a name.
  if (begun === '~' && parent === '') return [[`${typed.quote}~/`], argument];
  const found = entries(resolvePath(parent || '.', folders)).filter(
    ({ name, folder }) =>
      name.startsWith(begun) && (begun !== '' || !name.startsWith('.')) && (folder || !foldersOnly),
  );
  // On Windows there is no other way to write a blank.
  const opens = windows && typed.quote === '' && found.some(({ name }) => /\s/u.test(name));
  const quote = opens ? '"' : typed.quote;
  const hits = found.map(({ name, folder }) => {
    const written = quote !== '' || windows ? name : name.replace(/[\s"'\\]/gu, '\\$&');
    return folder ? `${written}/` : `${written}${quote} `;
  });
  if (opens) return [hits.map((hit) => `${quote}${parent}${hit}`), argument];
  // As it was typed, whatever it was quoted with.
  const end = argument.slice(nameStart(argument, windows) || typed.quote.length);
  return hits.length > MOST_LISTED ? [[commonBeginning(hits)], end] : [hits, end];
}

interface TypedPath {
  readonly path: string;
  /** The quote that it began with. */
  readonly quote: string;
}

/** What was typed so far of a path; undefined when it is complete, with something behind it. */
function readPath(argument: string, windows: boolean): TypedPath | undefined {
  const quote = /^["']/u.exec(argument)?.[0] ?? '';
  const rest = argument.slice(quote.length);
  if (quote !== '') return rest.includes(quote) ? undefined : { path: rest, quote };
  if (windows) return /\s/u.test(rest) ? undefined : { path: rest, quote };
  if (/(?<!\\)(?:\\\\)*\s/u.test(rest)) return undefined;
  return { path: rest.replace(/\\(.)/gu, '$1'), quote };
}

/** Where the last part of a path begins. */
function nameStart(typed: string, windows: boolean): number {
  return Math.max(typed.lastIndexOf('/'), windows ? typed.lastIndexOf('\\') : -1) + 1;
}

interface Entry {
  readonly name: string;
  readonly folder: boolean;
}

/** What is in a folder that can be shown; nothing where it cannot be read. */
function entries(folder: string): readonly Entry[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => printable(name) === name && !name.includes('\n'))
      .map((entry) => ({ name: entry.name, folder: entry.isDirectory() || leadsToFolder(folder, entry) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function leadsToFolder(folder: string, entry: { readonly name: string; isSymbolicLink(): boolean }): boolean {
  if (!entry.isSymbolicLink()) return false;
  try {
    return statSync(path.join(folder, entry.name)).isDirectory();
  } catch {
    return false;
  }
}

function among(words: readonly string[], begun: string): Completions {
  return [words.filter((word) => word.startsWith(begun)), begun];
}

function commonBeginning(words: readonly string[]): string {
  const [first = '', ...others] = words;
  let length = first.length;
  for (const word of others) while (!word.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
