import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface LocatedModel {
  readonly name: string;
  readonly folder: string;
}

/** The small model that ships with the project. */
export const STARTER = 'starter';

const STARTER_FOLDER = fileURLToPath(new URL('../../models/starter/', import.meta.url));

/** `starter`, or a folder with a GPT-2 checkpoint (relative to the working directory). */
export function locateModel(setting: string): LocatedModel {
  if (setting === STARTER) return { name: STARTER, folder: STARTER_FOLDER };
  const folder = resolve(setting);
  return { name: basename(folder), folder };
}
