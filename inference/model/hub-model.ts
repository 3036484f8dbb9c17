import { findCached } from './hub/cache.ts';
import { type DownloadOptions, downloadCheckpoint } from './hub/checkpoint-download.ts';
import { HubError } from './hub/hub-error.ts';
import { type LocatedModel, locateModel, modelChoice, STARTER } from './locate.ts';

/** What `auto` wants: the smallest GPT-2 that OpenAI published, 124 million parameters in 548 MB. */
export const GPT2 = 'openai-community/gpt2';

/** The way to the hub, and what has come from there before. */
export interface HubAccess extends Omit<DownloadOptions, 'signal' | 'onProgress' | 'onRetry'> {
  /** The network is never asked. */
  readonly offline: boolean;
}

export type FetchOptions = Pick<DownloadOptions, 'signal' | 'onProgress' | 'onRetry'>;

/** A checkpoint of the hub if it is in the cache, whatever the hub has by now; no network is used. */
export async function cachedModel(id: string, access: HubAccess): Promise<LocatedModel | undefined> {
  const checkpoint = await findCached(access.cacheDir, id);
  return checkpoint && { name: id, folder: checkpoint.folder };
}

/**
 * A checkpoint of the hub at its newest commit, fetched as far as it is not in the cache.
 *
 * @throws HubError, also `HUB_OFFLINE`, and whatever else `downloadCheckpoint` does.
 */
export async function fetchModel(
  id: string,
  access: HubAccess,
  options: FetchOptions = {},
): Promise<LocatedModel> {
  if (access.offline) {
    throw new HubError(
      'HUB_OFFLINE',
      `${id} cannot be fetched, because OFFLINE is true. Unset OFFLINE, or take a model that is there: npm run model -- list`,
    );
  }
  const { folder } = await downloadCheckpoint(id, { ...access, ...options });
  return { name: id, folder };
}

/** The model that a name begins with, before anything is loaded: for `auto` that depends on the cache. */
export async function firstModel(name: string, access: HubAccess): Promise<string> {
  const choice = modelChoice(name);
  if (choice.kind === 'hub') return choice.id;
  if (choice.kind === 'auto') return (await cachedModel(GPT2, access)) ? GPT2 : STARTER;
  return locateModel(name).name;
}
