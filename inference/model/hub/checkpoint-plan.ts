import { InferenceError } from '../../errors.ts';
import type { HubClient } from './hub-client.ts';
import { HubError } from './hub-error.ts';
import type { FileMetadata } from './hub-file.ts';
import { type RetryOptions, withRetries } from './retry.ts';

/** A file of the checkpoint as the hub announced it. */
export interface PlannedFile {
  readonly path: string;
  readonly metadata: FileMetadata;
}

/** What to fetch, in order: small files first, so that whatever is wrong is found before the weights. */
export interface CheckpointPlan {
  readonly commit: string;
  readonly config: PlannedFile;
  /** `tokenizer.json`, or `vocab.json` and `merges.txt`; `tokenizer_config.json` where there is one. */
  readonly tokenizer: readonly PlannedFile[];
  readonly weights: PlannedFile;
}

export const CONFIG = 'config.json';
export const TOKENIZER = 'tokenizer.json';
export const TOKENIZER_CONFIG = 'tokenizer_config.json';
export const VOCABULARY = 'vocab.json';
export const MERGES = 'merges.txt';
export const WEIGHTS = 'model.safetensors';

/** Names under which repositories keep weights that Parley does not read, with the reason. */
const OTHER_WEIGHTS: readonly (readonly [path: string, reason: string])[] = [
  [
    'model.safetensors.index.json',
    'its weights are split over several files, and Parley reads one model.safetensors',
  ],
  ['pytorch_model.bin', 'its weights are a PyTorch pickle, which can run code when it is read'],
];

/** Looks a checkpoint's files up, one HEAD request each; nothing is fetched. */
export class CheckpointPlanner {
  readonly #client: HubClient;
  readonly #id: string;
  readonly #retry: RetryOptions;

  constructor(client: HubClient, id: string, retry: RetryOptions) {
    this.#client = client;
    this.#id = id;
    this.#retry = retry;
  }

  /**
   * The configuration of the newest commit, to which everything else is pinned. A missing network is final here: this is
   * the first contact.
   *
   * @throws HubError
   */
  async newest(): Promise<PlannedFile> {
    const metadata = await this.#lookUp(CONFIG, 'main', false);
    return { path: CONFIG, metadata };
  }

  /**
   * @throws InferenceError `CHECKPOINT_UNSUPPORTED` for weights in another form, `HUB_NOT_FOUND` for a missing tokenizer,
   * `HUB_CHANGED` when a mirror does not keep to the commit
   */
  async plan(config: PlannedFile): Promise<CheckpointPlan> {
    const { commit } = config.metadata;
    const weights = (await this.#find(WEIGHTS, commit)) ?? (await this.#refuseWeights(commit));
    const tokenizer = await this.#tokenizer(commit);
    const settings = await this.#find(TOKENIZER_CONFIG, commit);
    return { commit, config, tokenizer: settings ? [...tokenizer, settings] : tokenizer, weights };
  }

  async #tokenizer(commit: string): Promise<readonly PlannedFile[]> {
    const whole = await this.#find(TOKENIZER, commit);
    if (whole) return [whole];
    const vocabulary = await this.#find(VOCABULARY, commit);
    const merges = await this.#find(MERGES, commit);
    if (vocabulary && merges) return [vocabulary, merges];
    throw new HubError(
      'HUB_NOT_FOUND',
      `${this.#id} has neither ${TOKENIZER} nor ${VOCABULARY} with ${MERGES}: without a tokenizer the model cannot read. Choose another checkpoint.`,
    );
  }

  async #refuseWeights(commit: string): Promise<never> {
    for (const [path, reason] of OTHER_WEIGHTS) {
      if (!(await this.#find(path, commit))) continue;
      throw new InferenceError(
        'CHECKPOINT_UNSUPPORTED',
        `${this.#id} cannot be used: ${reason}. Choose another checkpoint.`,
      );
    }
    throw new HubError(
      'HUB_NOT_FOUND',
      `${this.#id} has no ${WEIGHTS}, so there are no weights to run. Choose another checkpoint.`,
    );
  }

  async #find(path: string, commit: string): Promise<PlannedFile | undefined> {
    try {
      const metadata = await this.#lookUp(path, commit, true);
      if (metadata.commit === commit) return { path, metadata };
    } catch (error) {
      if (error instanceof HubError && error.code === 'HUB_NOT_FOUND') return undefined;
      throw error;
    }
    throw new HubError('HUB_CHANGED', `${this.#id} changed on ${this.#client.hostName} during the download.`);
  }

  #lookUp(path: string, revision: string, waitForNetwork: boolean): Promise<FileMetadata> {
    const file = { id: this.#id, revision, path };
    return withRetries(() => this.#client.metadata(file, this.#retry.signal), {
      ...this.#retry,
      waitForNetwork,
    });
  }
}
