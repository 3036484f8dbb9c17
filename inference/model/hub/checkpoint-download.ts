import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceError } from '../../errors.ts';
import { readShape } from '../../graph/shape.ts';
import { type CachedCheckpoint, findCached } from './cache.ts';
import {
  type CheckpointPlan,
  CheckpointPlanner,
  CONFIG,
  MERGES,
  type PlannedFile,
  TOKENIZER,
  TOKENIZER_CONFIG,
  VOCABULARY,
  WEIGHTS,
} from './checkpoint-plan.ts';
import { systemClock } from './clock.ts';
import { type Disk, diskFailure, requireSpace, systemDisk } from './disk.ts';
import { downloadFile, type FileOrder, partialPath, type TransferOptions } from './download.ts';
import { HubClient, type HubClientOptions } from './hub-client.ts';
import { HubError } from './hub-error.ts';
import { requireHubId } from './hub-id.ts';
import { LockFile } from './lock-file.ts';
import type { RetryNotice } from './retry.ts';
import {
  completeManifest,
  type Manifest,
  publish,
  type RepositoryPaths,
  repositoryPaths,
  reuse,
  sizeOf,
} from './snapshot.ts';
import { buildTokenizerJson } from './tokenizer-json.ts';
import type { TransferProgress } from './transfer-meter.ts';

export interface DownloadProgress extends TransferProgress {
  /** Another process downloads, and this one waits for it. */
  readonly elsewhere: boolean;
}

export interface DownloadOptions extends HubClientOptions {
  readonly cacheDir: string;
  readonly signal?: AbortSignal | undefined;
  /** For each file from its beginning to its end, a few times a second. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
  /** Uniform in [0, 1). */
  readonly random?: (() => number) | undefined;
  readonly disk?: Disk | undefined;
  /** How often the owner of a download shows that it lives (default 1 s). */
  readonly heartbeatMs?: number | undefined;
}

/** A repository that changes under the download is begun again once. */
const MOST_STARTS = 2;

/**
 * Brings a GPT-2 checkpoint from the hub into the cache, at its newest commit, and gives its folder. What is there
 * already is not fetched again. Of several processes that want the same one fetches and the others wait for it.
 *
 * @throws HubError, or InferenceError `CHECKPOINT_UNSUPPORTED` / `CHECKPOINT_INVALID` for something that is not a GPT-2
 * checkpoint, seen before its weights are fetched; the signal's reason when it is aborted. What has arrived is kept.
 */
export async function downloadCheckpoint(id: string, options: DownloadOptions): Promise<CachedCheckpoint> {
  requireHubId(id);
  const client = new HubClient(options);
  for (;;) {
    try {
      return await downloadUnderLock(id, client, options);
    } catch (error) {
      // Whoever has it now is waited for like anybody else.
      if (!(error instanceof HubError && error.code === 'HUB_LOCK_LOST')) throw error;
    }
  }
}

async function downloadUnderLock(
  id: string,
  client: HubClient,
  options: DownloadOptions,
): Promise<CachedCheckpoint> {
  const paths = repositoryPaths(options.cacheDir, id);
  const lock = await LockFile.acquire<TransferProgress>(paths.lock, {
    clock: options.clock ?? systemClock,
    signal: options.signal,
    heartbeatMs: options.heartbeatMs,
    onWait: (progress) => progress && options.onProgress?.({ ...progress, elsewhere: true }),
  });
  try {
    const present = lock.waited ? await findCached(options.cacheDir, id) : undefined;
    if (present) return present;
    const signal = options.signal ? AbortSignal.any([options.signal, lock.lost]) : lock.lost;
    const download = new CheckpointDownload(id, paths, client, {
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      disk: options.disk ?? systemDisk,
      signal,
      onRetry: options.onRetry,
      onProgress: (progress) => {
        lock.note(progress);
        options.onProgress?.({ ...progress, elsewhere: false });
      },
    });
    for (let start = 1; ; start++) {
      try {
        await download.run();
        break;
      } catch (error) {
        const changed = error instanceof HubError && error.code === 'HUB_CHANGED';
        if (!changed || start === MOST_STARTS) throw error;
      }
    }
  } catch (error) {
    throw diskFailure(error, paths.folder);
  } finally {
    await lock.release();
  }
  const whole = await findCached(options.cacheDir, id);
  if (whole) return whole;
  throw new HubError('HUB_CACHE_UNWRITABLE', `${paths.folder} was changed by somebody else. Start again.`);
}

/** One download, with the lock held. */
class CheckpointDownload {
  readonly #id: string;
  readonly #paths: RepositoryPaths;
  readonly #client: HubClient;
  readonly #options: TransferOptions;

  constructor(id: string, paths: RepositoryPaths, client: HubClient, options: TransferOptions) {
    this.#id = id;
    this.#paths = paths;
    this.#client = client;
    this.#options = options;
  }

  async run(): Promise<void> {
    const planner = new CheckpointPlanner(this.#client, this.#id, { ...this.#options, waitForNetwork: true });
    const config = await planner.newest();
    const { commit } = config.metadata;
    const folder = this.#paths.snapshot(commit);
    const present = await completeManifest(folder);
    if (present) return publish(this.#paths, present);

    await mkdir(folder, { recursive: true });
    const { tokenizer, weights, positions } = await this.#examine(planner, config, folder);
    const files = [...tokenizer, weights];
    await requireSpace(this.#options.disk, this.#paths.folder, await this.#missingBytes(files, folder));
    for (const file of files) await this.#fetch(file, folder);
    await this.#complete(folder, tokenizer, positions);
    await publish(this.#paths, await manifestOf(this.#id, commit, folder, [config, ...files]));
  }

  #order({ path, metadata }: PlannedFile, folder: string): FileOrder {
    const file = { id: this.#id, revision: metadata.commit, path };
    return { file, metadata, target: join(folder, path), partials: this.#paths.partials };
  }

  async #fetch(planned: PlannedFile, folder: string): Promise<void> {
    const order = this.#order(planned, folder);
    if (await this.#isPresent(planned, order.target)) return;
    await downloadFile(order, this.#client, this.#options);
  }

  /** A file gets its name only when it is whole, so its length tells whether it is this version. */
  async #isPresent({ path, metadata }: PlannedFile, target: string): Promise<boolean> {
    const { size } = metadata;
    if (size !== undefined && (await sizeOf(target)) === size) return true;
    return reuse(this.#paths, path, metadata, target);
  }

  async #missingBytes(files: readonly PlannedFile[], folder: string): Promise<number> {
    let bytes = 0;
    for (const file of files) {
      const order = this.#order(file, folder);
      if (await this.#isPresent(file, order.target)) continue;
      bytes += Math.max(0, (file.metadata.size ?? 0) - ((await sizeOf(partialPath(order))) ?? 0));
    }
    return bytes;
  }

  /**
   * What there is to fetch, and how many tokens the model reads at once. Nothing is kept of what is refused; weights that
   * are there were accepted earlier, by an attempt that ended just before its last step.
   */
  async #examine(
    planner: CheckpointPlanner,
    config: PlannedFile,
    folder: string,
  ): Promise<CheckpointPlan & { readonly positions: number }> {
    try {
      await this.#fetch(config, folder);
      const { positions } = readShape(
        await readJson(join(folder, CONFIG), this.#id),
        `config.json of ${this.#id}`,
      );
      return { ...(await planner.plan(config)), positions };
    } catch (error) {
      const accepted = (await sizeOf(join(folder, WEIGHTS))) !== undefined;
      if (!accepted) await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Writes the files that the repository lacks and that can be made from the others. */
  async #complete(folder: string, tokenizer: readonly PlannedFile[], positions: number): Promise<void> {
    const names = tokenizer.map(({ path }) => path);
    if (!names.includes(TOKENIZER)) {
      const [vocabulary, merges] = await Promise.all(
        [VOCABULARY, MERGES].map((name) => readFile(join(folder, name), 'utf8')),
      );
      const built = buildTokenizerJson(vocabulary ?? '', merges ?? '', this.#id);
      await writeFile(join(folder, TOKENIZER), built);
    }
    if (!names.includes(TOKENIZER_CONFIG)) {
      const settings = {
        tokenizer_class: 'GPT2Tokenizer',
        model_max_length: positions,
        add_prefix_space: false,
        clean_up_tokenization_spaces: false,
      };
      await writeFile(join(folder, TOKENIZER_CONFIG), `${JSON.stringify(settings)}\n`);
    }
  }
}

async function manifestOf(
  id: string,
  commit: string,
  folder: string,
  fetched: readonly PlannedFile[],
): Promise<Manifest> {
  const etags = new Map(fetched.map(({ path, metadata }) => [path, metadata.etag]));
  const files: Record<string, { size: number; etag?: string | undefined }> = {};
  for (const name of new Set([...etags.keys(), TOKENIZER, TOKENIZER_CONFIG])) {
    files[name] = { size: (await sizeOf(join(folder, name))) ?? 0, etag: etags.get(name) };
  }
  return { id, commit, files };
}

async function readJson(path: string, id: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new InferenceError(
      'CHECKPOINT_INVALID',
      `config.json of ${id} is not JSON: ${(cause as Error).message}.`,
      {
        cause,
      },
    );
  }
}
