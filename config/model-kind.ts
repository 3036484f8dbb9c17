import path from 'node:path';
import { z } from 'zod';
import type { Kind, Surroundings } from './kinds.ts';

/** The hub's own limit. */
const LONGEST_ID = 96;

const PART = '[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?';
const ID = new RegExp(`^(?:${PART}/)?${PART}$`);

/**
 * Whether a text has the form of a hub id: `openai-community/gpt2`, or `gpt2` as old repositories are called. The hub
 * allows neither `--` nor `..`, so that an id is always one folder's name in the cache and never a way out of it.
 */
export function isHubId(text: string): boolean {
  return text.length <= LONGEST_ID && ID.test(text) && !/--|\.\.|\.git$/.test(text);
}

/** `./x`, `../x`, `~/x`, `/x`, `C:\x`, `a\b`, `a/b/`, `a/b/c`: nothing of this can be an id. */
const LOOKS_LIKE_A_PATH = /^(?:\.{1,2}$|~$|\.{0,2}\/|~\/|[A-Za-z]:)|\\|\/$|\/.*\//u;

/**
 * Which model is meant: `auto`, `starter`, an absolute path to a folder, or a hub id; undefined when it can be none of
 * them. The four never look alike, so a plain string is enough to carry one.
 *
 * What exists is a path, and so is what looks like one; `owner/name` that does not exist is an id.
 */
export function readModelName(
  written: string,
  { directory, home, exists }: Pick<Surroundings, 'directory' | 'home' | 'exists'>,
): string | undefined {
  const word = written.toLowerCase();
  if (word === 'auto' || word === 'starter') return word;
  // A page's address, pasted: what is wanted is the id in it.
  if (written.includes('://')) return undefined;
  const location = path.resolve(
    directory,
    written.replace(/^~(?=$|[/\\])/, () => home),
  );
  if (LOOKS_LIKE_A_PATH.test(written) || exists(location)) return location;
  return written.includes('/') && isHubId(written) ? written : undefined;
}

/** A model by one of its four names, as `readModelName` gives it. */
export function model(): Kind<string> {
  return {
    wants: 'auto, starter, a folder with a GPT-2 checkpoint, or a hub id such as openai-community/gpt2',
    schema: (surroundings) =>
      z
        .string()
        .regex(/^\P{Cc}+$/u)
        .transform((written) => readModelName(written, surroundings))
        .pipe(z.string()),
  };
}
