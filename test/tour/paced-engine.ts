import type { Chunk, Engine, EngineStats, GenerateOptions, Score } from '../../inference/engine/engine.ts';

const USUAL_REPLY_MS = 5_000;

/**
 * An engine that writes one reply at a time, and no faster than so many tokens a second: the starter model is many times
 * as fast as GPT-2, and its replies would be whole before anybody saw them grow, or had to wait.
 */
export class PacedEngine implements Engine {
  readonly #engine: Engine;
  readonly #tokensPerSecond: number;
  /** Settles when everybody who came before has been answered. */
  #line: Promise<unknown> = Promise.resolve();
  #inLine = 0;

  constructor(engine: Engine, tokensPerSecond: number) {
    this.#engine = engine;
    this.#tokensPerSecond = tokensPerSecond;
  }

  get model(): Engine['model'] {
    return this.#engine.model;
  }

  async *generate(prompt: string, options: GenerateOptions, signal?: AbortSignal): AsyncGenerator<Chunk> {
    const before = this.#line;
    let leave: () => void = () => undefined;
    this.#line = new Promise<void>((resolve) => {
      leave = resolve;
    }).then(() => before);
    const place = this.#inLine;
    this.#inLine += 1;
    if (place > 0) yield { type: 'queued', place, estimatedWaitMs: place * USUAL_REPLY_MS };
    await before;
    try {
      for await (const chunk of this.#engine.generate(prompt, options, signal)) {
        if (chunk.type === 'text' && !signal?.aborted) {
          await passed((chunk.tokens.length / this.#tokensPerSecond) * 1000);
        }
        // What people have stopped must not go on from a store of tokens.
        if (chunk.type === 'end' || !signal?.aborted) yield chunk;
      }
    } finally {
      this.#inLine -= 1;
      leave();
    }
  }

  score(prompt: string, continuations: readonly string[], conversation: string): Promise<readonly Score[]> {
    return this.#engine.score(prompt, continuations, conversation);
  }

  count(text: string): Promise<number> {
    return this.#engine.count(text);
  }

  fit(text: string, limit: number, keep: 'start' | 'end'): Promise<string> {
    return this.#engine.fit(text, limit, keep);
  }

  stats(): Promise<EngineStats> {
    return this.#engine.stats();
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

function passed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
