export interface PathArgument {
  readonly path: string;
  /** What stands behind the path. */
  readonly rest: string;
}

export interface PathRules {
  /** What is there under that name. */
  readonly look: (path: string) => Promise<'file' | 'folder' | undefined>;
  /**
   * What a single word means that could name a file (`notes.txt`) but does not: `path` where there is nothing else to do
   * with a single word, so that the person learns that no such file is there.
   */
  readonly loneWord: 'path' | 'text';
  /** Windows writes backslashes in paths; elsewhere a backslash keeps the sign behind it in the word. */
  readonly windows: boolean;
}

/** Longer than any path that a system takes. */
const LONGEST_PATH = 4096;

/** `./x`, `../x`, `~/x`, `C:\x`, `\\server\x`, or `/x` with a second part or an ending. */
const BEGINS_LIKE_A_PATH = /^(?:\.{1,2}[/\\]|~[/\\]|[A-Za-z]:[/\\]|\\\\[^\\\s]|\/[^/\s]+(?:\/|\.\w))/u;

/** `notes.txt`, `docs/notes`, `/tmp`: a part, an ending or a root, and no address (`https://…`). */
const COULD_BE_A_NAME = /^(?!\w+:\/\/)(?:\/|[^\s"']*(?:[^\s"'/\\][/\\][^\s"'/\\]|[^\s"'.]\.\w{1,8}$))/u;

/**
 * The path at the beginning of what was typed behind a command, if there is one. A sentence never is one: a path begins
 * like one (`./`, `../`, `~/`, `/a/b`, `C:\`), or it is the name of something that is there. Quotes keep a path with
 * spaces together.
 *
 * @returns also a path where nothing is, if it can hardly be meant otherwise: then the person learns that it is missing.
 */
export async function findPath(text: string, rules: PathRules): Promise<PathArgument | undefined> {
  if (text === '' || /[\r\n\0]/u.test(text)) return undefined;
  const quoted = /^(["'])(.+?)\1(?=\s|$)/u.exec(text);
  if (quoted?.[2] !== undefined) {
    const path = quoted[2];
    const isPath = path.length <= LONGEST_PATH && (BEGINS_LIKE_A_PATH.test(path) || (await rules.look(path)));
    return isPath ? { path, rest: text.slice(quoted[0].length).trim() } : undefined;
  }
  if (text.length <= LONGEST_PATH) {
    // The whole text is a name: spaces need no quotes where nothing follows.
    const found = await rules.look(text);
    if (found === 'file' || (found === 'folder' && rules.loneWord === 'path'))
      return { path: text, rest: '' };
  }
  const { path, length } = firstWord(text, rules.windows);
  return meant(path, text.slice(length).trim(), rules);
}

async function meant(path: string, rest: string, rules: PathRules): Promise<PathArgument | undefined> {
  if (path === '' || path.length > LONGEST_PATH) return undefined;
  if (BEGINS_LIKE_A_PATH.test(path)) return { path, rest };
  if (!COULD_BE_A_NAME.test(path)) return undefined;
  if (rest === '' && rules.loneWord === 'path') return { path, rest };
  return (await rules.look(path)) === 'file' ? { path, rest } : undefined;
}

/** What terminals write when a file is dropped on them: spaces and other signs behind backslashes. */
function firstWord(text: string, windows: boolean): { readonly path: string; readonly length: number } {
  const word = (windows ? /^\S+/u : /^(?:\\.|[^\s\\])+/u).exec(text)?.[0] ?? '';
  const literal = windows || word.startsWith('\\\\');
  return { path: literal ? word : word.replace(/\\([^\w])/gu, '$1'), length: word.length };
}
