import type { TokenId } from './engine.ts';
import type { GraphRunner, RunOutput } from './graph-runner.ts';
import type { KvCache } from './kv-cache.ts';
import type { PrefixPool } from './prefix-pool.ts';
import { pieceEnd, wholePieces } from './prompt-pieces.ts';

/** Computes a prompt's keys and values into row 0 of a scratch cache, piece by piece; pieces that the pool knows are copied. */
export class Prefill {
  /** Tokens that were copied instead of computed. */
  readonly reused: number;
  readonly #runner: GraphRunner;
  readonly #scratch: KvCache;
  readonly #pool: PrefixPool;
  readonly #ids: readonly TokenId[];

  constructor(runner: GraphRunner, scratch: KvCache, pool: PrefixPool, ids: readonly TokenId[]) {
    this.#runner = runner;
    this.#scratch = scratch;
    this.#pool = pool;
    this.#ids = ids;
    if (scratch.rows > 0) scratch.removeRow(0);
    const known = pool.find(ids);
    this.reused = wholePieces(ids.length)[known.length - 1] ?? 0;
    scratch.resize(this.reused);
    scratch.addRow();
    for (const piece of known) {
      const begin = scratch.length(0);
      scratch.append(0, piece, 0, pieceEnd(begin) - begin);
    }
  }

  /** Computes the next piece; behind the last one it gives the logits that follow the prompt. */
  async step(): Promise<Float32Array | undefined> {
    const done = this.#scratch.length(0);
    const piece = this.#ids.slice(done, pieceEnd(done));
    const { logits, present } = await extend(this.#runner, this.#scratch, piece, [piece.length - 1]);
    const length = this.#scratch.length(0);
    this.#pool.keep(this.#ids.slice(0, length), present);
    return length === this.#ids.length ? logits : undefined;
  }
}

/** Runs tokens behind what row 0 of the scratch cache holds and keeps their keys and values there. */
export async function extend(
  runner: GraphRunner,
  scratch: KvCache,
  tokens: readonly TokenId[],
  wanted: readonly number[],
): Promise<RunOutput> {
  // Room for them and no more: a prompt alone reads no padding.
  scratch.resize(scratch.length(0) + tokens.length);
  const output = await runner.run(scratch, [tokens], wanted);
  scratch.append(0, output.present, 0, tokens.length);
  return output;
}
