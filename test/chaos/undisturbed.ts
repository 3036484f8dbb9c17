import type { Engine, Seed } from '../../inference/engine/engine.ts';
import { startEngine } from '../../inference/service.ts';
import { runTask } from '../../inference/tasks/run.ts';
import { tasks } from '../../inference/tasks/tasks.ts';
import type { Question } from './reply.ts';

export interface ChaosModel {
  /** As the setting MODEL has it. */
  readonly model: string;
  /** Where it is kept compiled. */
  readonly cache: string;
}

/** Exact weights: a reply that goes on elsewhere is computed in other pieces, and rounds otherwise. */
export const WEIGHTS = 'fp32';

/** What the model answers when nothing goes wrong: asked alone, without a bot, a platform or a journal. */
export class Undisturbed {
  readonly #engine: Engine;
  readonly #seed: Seed;
  readonly #texts = new Map<string, Promise<string>>();

  private constructor(engine: Engine, seed: Seed) {
    this.#engine = engine;
    this.#seed = seed;
  }

  static async start({ model, cache }: ChaosModel, seed: Seed): Promise<Undisturbed> {
    const limits = { maxRows: 8, maxQueue: 64, kvBytes: 256 * 2 ** 20 };
    return new Undisturbed(await startEngine({ model, cache, weights: WEIGHTS, threads: 1, limits }), seed);
  }

  answer(question: Question): Promise<string> {
    const key = JSON.stringify(question);
    const known = this.#texts.get(key) ?? this.#write(question);
    this.#texts.set(key, known);
    return known;
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  async #write({ task, text }: Question): Promise<string> {
    const options = { seed: this.#seed, conversation: 'undisturbed' };
    let answer = '';
    for await (const event of runTask(tasks[task], { text }, this.#engine, options)) {
      if (event.type === 'delta') answer += event.text;
    }
    return answer;
  }
}
