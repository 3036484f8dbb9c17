import os from 'node:os';
import envPaths from 'env-paths';

export interface PlatformFolders {
  readonly home: string;
  /** For what can be fetched or made again. */
  readonly cache: string;
  /** For what cannot. */
  readonly data: string;
  /** For what a program notes down for its next run; a folder of its own only on Linux. */
  readonly state: string;
}

/** Where this platform keeps a person's own files and an application's (XDG, macOS and Windows rules). */
export function platformFolders(): PlatformFolders {
  const { cache, data, log } = envPaths('parley', { suffix: '' });
  // What the package calls the folder for logs is XDG_STATE_HOME, where there is such a thing.
  const state = ['darwin', 'win32'].includes(process.platform) ? data : log;
  return { home: os.homedir(), cache, data, state };
}
