import type { EngineModel } from '../inference/engine/engine.ts';
import { InferenceError } from '../inference/errors.ts';
import { formatBytes } from '../inference/model/hub/bytes.ts';
import { listCached } from '../inference/model/hub/cache.ts';
import type { Models, Upcoming } from '../inference/models.ts';
import { describeUpcoming } from './model-progress.ts';
import { describeModel, table } from './status.ts';

export interface ModelCommandOptions {
  readonly models: Models;
  readonly cacheDir: string;
  /** Which model is meant by what somebody typed, as for the setting `MODEL`; undefined when it can be none. */
  readonly read: (typed: string) => string | undefined;
  /** Nobody can be told later when the change is done: then it is waited for. */
  readonly waits: boolean;
}

/** What to tell whoever asked; with a code where nothing will come of it. */
export type ChangeAnswer = { readonly text: string } | { readonly code: string; readonly message: string };

/** `/model`: shows what answers and what could, and changes it. */
export class ModelCommand {
  readonly #options: ModelCommandOptions;

  constructor(options: ModelCommandOptions) {
    this.#options = options;
  }

  /** What is on its way. */
  get upcoming(): Upcoming | undefined {
    return this.#options.models.upcoming;
  }

  /** @param running absent while the first model is still on its way. */
  async show(running: EngineModel | undefined): Promise<string> {
    const cached = (await listCached(this.#options.cacheDir)).flatMap(({ id, checkpoint }) =>
      checkpoint ? [`${id} (${formatBytes(checkpoint.bytes)})`] : [],
    );
    const { upcoming } = this;
    const rows: (readonly [string, string])[] = [];
    if (running) rows.push(['model', describeModel(running)]);
    if (upcoming) rows.push(['coming', describeUpcoming(upcoming)]);
    rows.push(['in the cache', cached.length > 0 ? cached.join(', ') : 'nothing that was fetched']);
    return `${table(rows)}\nChange it: /model auto, /model starter, /model ./FOLDER or /model openai-community/gpt2-medium`;
  }

  /** Begins to change the model; what has become of it, or why nothing will. */
  async change(typed: string, signal: AbortSignal): Promise<ChangeAnswer> {
    const { read, models, waits } = this.#options;
    const name = read(typed.trim());
    if (name === undefined) return { code: 'MODEL_UNKNOWN', message: unknownModel(typed.trim()) };
    try {
      const { model, when, done } = await models.change(name);
      if (when === 'none') return { text: `${model} answers already.` };
      if (!waits)
        return { text: `${model} is being ${when === 'soon' ? 'loaded' : 'fetched'}. ${UNTIL_THEN}` };
      const outcome = await Promise.race([done, aborted(signal)]);
      if (outcome === 'changed') return { text: `${model} answers from now on.` };
      return { text: outcome === 'given up' ? `${model} was given up for another.` : UNTIL_THEN };
    } catch (error) {
      if (!(error instanceof InferenceError)) throw error;
      return { code: error.code, message: `The model stays as it is. ${error.message}` };
    }
  }
}

const UNTIL_THEN = 'Until it is ready, the model stays as it is.';

function unknownModel(typed: string): string {
  const shown = typed.length > 40 ? `${typed.slice(0, 40)}…` : typed;
  return `There is no model ${shown}. Name auto, starter, a folder with a GPT-2 checkpoint, or a hub id such as openai-community/gpt2.`;
}

function aborted(signal: AbortSignal): Promise<'stopped'> {
  if (signal.aborted) return Promise.resolve('stopped');
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
}
