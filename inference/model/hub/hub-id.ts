import { HubError } from './hub-error.ts';

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

/** @throws HubError `HUB_ID_INVALID` */
export function requireHubId(text: string): void {
  if (isHubId(text)) return;
  throw new HubError(
    'HUB_ID_INVALID',
    `${JSON.stringify(text)} is not the id of a model on the hub. An id looks like openai-community/gpt2: letters, digits, ".", "_" and "-".`,
  );
}

/** `openai-community/gpt2` is kept in `openai-community--gpt2`. */
export function folderNameOf(id: string): string {
  return id.replace('/', '--');
}

export function idOfFolderName(name: string): string {
  return name.replace('--', '/');
}
