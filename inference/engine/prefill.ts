import type { TokenId } from './engine.ts';
import type { GraphRunner } from './graph-runner.ts';
import type { KvCache } from './kv-cache.ts';

/**
 * Prompts are computed this many tokens at a time: running replies go on between two pieces, and the unfused attention is
 * faster on short pieces. It never varies, so that a reply's floats do not depend on what else was running.
 */
export const PREFILL_CHUNK = 128;

/** Computes a prompt's keys and values into row 0 of a scratch cache, piece by piece. */
export class Prefill {
  readonly #runner: GraphRunner;
  readonly #scratch: KvCache;
  readonly #ids: readonly TokenId[];

  constructor(runner: GraphRunner, scratch: KvCache, ids: readonly TokenId[]) {
    this.#runner = runner;
    this.#scratch = scratch;
    this.#ids = ids;
    if (scratch.rows > 0) scratch.removeRow(0);
    scratch.resize(0);
    scratch.addRow();
  }

  /** Computes the next piece; behind the last one it gives the logits that follow the prompt. */
  async step(): Promise<Float32Array | undefined> {
    const done = this.#scratch.length(0);
    const piece = this.#ids.slice(done, done + PREFILL_CHUNK);
    const { logits } = await extend(this.#runner, this.#scratch, piece, [piece.length - 1]);
    return this.#scratch.length(0) === this.#ids.length ? logits : undefined;
  }
}

/** Runs tokens behind what row 0 of the scratch cache holds and keeps their keys and values there. */
export async function extend(
  runner: GraphRunner,
  scratch: KvCache,
  tokens: readonly TokenId[],
  wanted: readonly number[],
): Promise<{ readonly logits: Float32Array }> {
  const { logits, present } = await runner.run(scratch, [tokens], wanted);
  // The scratch bucket is always exactly full: a prompt alone reads no padding.
  scratch.resize(scratch.length(0) + tokens.length);
  scratch.append(0, present, 0, tokens.length);
  return { logits };
}
