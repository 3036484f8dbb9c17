import os from 'node:os';
import envPaths from 'env-paths';

/** Where this platform keeps a person's own files and an application's cache (XDG, macOS and Windows rules). */
export function platformFolders(): { readonly home: string; readonly cache: string } {
  return { home: os.homedir(), cache: envPaths('parley', { suffix: '' }).cache };
}
