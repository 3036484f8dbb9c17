import os from 'node:os';
import envPaths from 'env-paths';

export interface PlatformFolders {
  readonly home: string;
  /** For what can be fetched or made again. */
  readonly cache: string;
  /** For what cannot. */
  readonly data: string;
}

/** Where this platform keeps a person's own files and an application's (XDG, macOS and Windows rules). */
export function platformFolders(): PlatformFolders {
  const { cache, data } = envPaths('parley', { suffix: '' });
  return { home: os.homedir(), cache, data };
}
