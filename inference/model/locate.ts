import { basename, isAbsolute, resolve } from 'node:path';
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

/** What a model's name stands for; the names are those of the setting `MODEL`. */
export type ModelChoice =
  | { readonly kind: 'auto' | 'starter' }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'hub'; readonly id: string };

/** @param name `auto`, `starter`, an absolute path, or a hub id, as `config/model-kind.ts` tells them apart. */
export function modelChoice(name: string): ModelChoice {
  if (name === 'auto' || name === STARTER) return { kind: name };
  return isAbsolute(name) ? { kind: 'folder', folder: name } : { kind: 'hub', id: name };
}
