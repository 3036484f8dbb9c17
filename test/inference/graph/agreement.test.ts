import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { KvCache } from '../../../inference/engine/kv-cache.ts';
import type { Weights } from '../../../inference/graph/weights.ts';
import type { RandomCheckpoint } from '../../fixtures/random-checkpoint.ts';
import { type RandomModel, randomModel } from '../../fixtures/random-model.ts';

/** Largest difference of a logit from double precision that counts as agreement at full-precision weights. */
const FP32_TOLERANCE = 1e-4;
/**
 * Rounding weights to a level is a random error of a level's width at most: relative to the logits' own deviation
 * it stays below these shares on random weights, which have no outliers that a trained model might have.
 */
const QUANTISED_SHARE: Readonly<Record<'q8' | 'q4', number>> = { q8: 0.15, q4: 0.2 };

const SHAPES: Readonly<Record<string, RandomCheckpoint>> = {
  'two layers of four heads': { layers: 2, heads: 4, width: 64, positions: 320, vocabulary: 211 },
  'one head, one layer, odd sizes': {
    layers: 1,
    heads: 1,
    width: 40,
    positions: 150,
    vocabulary: 97,
    innerWidth: 72,
  },
  'a narrow head and the exact GELU': {
    layers: 3,
    heads: 8,
    width: 96,
    positions: 300,
    vocabulary: 130,
    activation: 'gelu',
  },
  'half-precision weights and a prefix': {
    layers: 2,
    heads: 2,
    width: 32,
    positions: 140,
    vocabulary: 64,
    type: 'F16',
    prefix: 'transformer.',
  },
  'bfloat16 weights, ReLU, and another epsilon': {
    layers: 2,
    heads: 2,
    width: 64,
    positions: 140,
    vocabulary: 64,
    type: 'BF16',
    epsilon: 0.01,
    activation: 'relu',
  },
};

describe.each(Object.entries(SHAPES))('The compiled graph of %s', (_, options) => {
  let model: RandomModel;
  beforeAll(async () => {
    model = await randomModel(options, 'fp32');
  });
  afterAll(() => model.dispose());

  const length = options.positions - 1;
  const ids = (count: number, seed = 1) =>
    Array.from({ length: count }, (_, i) => (i * 31 + seed * 17 + ((i * i) % 7)) % options.vocabulary);

  it('agrees with double precision on a whole prompt at once, at every position', async () => {
    const prompt = ids(length);
    const cache = oneRow(model);
    const { logits } = await model.runner.run(
      cache,
      [prompt],
      prompt.map((_, i) => i),
    );
    expectClose(logits, model.reference.logits(prompt), FP32_TOLERANCE);
  });

  it('agrees token by token, across the borders of buckets', async () => {
    const text = ids(length, 2);
    const expected = model.reference.logits(text);
    const cache = oneRow(model, 0);
    for (const [t, id] of text.entries()) {
      if (cache.length(0) === cache.bucket) cache.resize(cache.bucket + 128);
      const { logits, present } = await model.runner.run(cache, [[id]], [0]);
      if (t % 5 === 0 || t > length - 3) expectClose(logits, [expected[t]!], FP32_TOLERANCE);
      cache.append(0, present, 0, 1);
    }
  });

  it('agrees in chunks of uneven size', async () => {
    const text = ids(length, 3);
    const expected = model.reference.logits(text);
    const cache = oneRow(model);
    for (const size of [1, 63, 2, 50, length - 116]) {
      const begin = cache.length(0);
      const piece = text.slice(begin, begin + size);
      cache.resize(begin + piece.length);
      const { logits, present } = await model.runner.run(cache, [piece], [piece.length - 1]);
      expectClose(logits, [expected[begin + piece.length - 1]!], FP32_TOLERANCE);
      cache.append(0, present, 0, piece.length);
    }
  });

  it('agrees for a batch of rows of unequal lengths', async () => {
    const texts = [ids(90, 4), ids(3, 5), ids(129, 6), ids(40, 7)];
    const batch = new KvCache(model.runner.shape, 4 * 256, 256);
    for (const text of texts) {
      const alone = oneRow(model);
      alone.resize(text.length - 1);
      const { present } = await model.runner.run(alone, [text.slice(0, -1)], [0]);
      alone.append(0, present, 0, text.length - 1);
      batch.copyRow(batch.addRow(), alone, 0);
    }
    const { logits } = await model.runner.run(
      batch,
      texts.map((text) => text.slice(-1)),
      [0, 1, 2, 3],
    );
    expectClose(
      logits,
      texts.map((text) => model.reference.logits(text).at(-1)!),
      FP32_TOLERANCE,
    );
  });
});

describe.each(['q8', 'q4'] as const)('A graph with weights at %s', (weights: Weights & ('q8' | 'q4')) => {
  const options = { layers: 2, heads: 4, width: 128, positions: 200, vocabulary: 500 };
  let model: RandomModel;
  beforeAll(async () => {
    model = await randomModel(options, weights);
  });
  afterAll(() => model.dispose());

  it('stays within its stated share of the logits’ deviation', async () => {
    const prompt = Array.from({ length: 150 }, (_, i) => (i * 37) % 500);
    const { logits } = await model.runner.run(
      oneRow(model),
      [prompt],
      prompt.map((_, i) => i),
    );
    const expected = model.reference.logits(prompt).flatMap((row) => [...row]);
    const error = rootMeanSquare(expected.map((value, i) => value - logits[i]!));
    expect(error / rootMeanSquare(expected)).toBeLessThan(QUANTISED_SHARE[weights]);
  });

  it('stays there token by token, with keys and values at half precision', async () => {
    const text = Array.from({ length: 140 }, (_, i) => (i * 29 + 3) % 500);
    const cache = oneRow(model, 0);
    const written: number[] = [];
    for (const id of text) {
      if (cache.length(0) === cache.bucket) cache.resize(cache.bucket + 128);
      const { logits, present } = await model.runner.run(cache, [[id]], [0]);
      written.push(...logits);
      cache.append(0, present, 0, 1);
    }
    const expected = model.reference.logits(text).flatMap((row) => [...row]);
    const error = rootMeanSquare(expected.map((value, i) => value - written[i]!));
    expect(error / rootMeanSquare(expected)).toBeLessThan(QUANTISED_SHARE[weights]);
  });

  it('takes keys that are too large for half precision for the largest that it knows', async () => {
    // One dimension of the keys of two heads: nearly the same for all tokens, and so of little account in what they attend to.
    const large = new Map([
      [options.width + 1, 7e4],
      [options.width + 65, -7e4],
    ]);
    const extreme = await randomModel(options, weights, (checkpoint) =>
      overwriteTensors(
        join(checkpoint, 'model.safetensors'),
        /h\.0\.attn\.c_attn\.bias$/,
        (i) => large.get(i) ?? 0,
      ),
    );
    onTestFinished(() => extreme.dispose());
    const prompt = Array.from({ length: 40 }, (_, i) => (i * 37) % 500);
    const every = prompt.map((_, i) => i);
    const { logits, present } = await extreme.runner.run(oneRow(extreme), [prompt], every);
    // Heads are 32 wide, and keys of layer 0 come first: dimension 1 of heads 0 and 2.
    const keyAt = (head: number, token: number, d: number) => (head * 40 + token) * 32 + d;
    const bounded = prompt.flatMap((_, token) => [keyAt(0, token, 1), keyAt(2, token, 1)]);
    expect(bounded.map((at) => present[at])).toEqual(prompt.flatMap(() => [0x7bff, 0xfbff]));
    // No others are anywhere near: beyond 16,384.
    expect([...present].filter((half) => (half & 0x7fff) > 0x7400)).toHaveLength(bounded.length);
    const expected = extreme.reference.logits(prompt).flatMap((row) => [...row]);
    const error = rootMeanSquare(expected.map((value, i) => value - logits[i]!));
    expect(error / rootMeanSquare(expected)).toBeLessThan(0.2);
  });

  it('gives a row the very same floats whatever its neighbours say', async () => {
    const batchOf = async (texts: readonly (readonly number[])[]) => {
      const batch = new KvCache(model.runner.shape, 3 * 128, 128);
      for (const text of texts) {
        const cache = oneRow(model);
        cache.resize(text.length);
        const { present } = await model.runner.run(cache, [text], [0]);
        cache.append(0, present, 0, text.length);
        batch.copyRow(batch.addRow(), cache, 0);
      }
      return model.runner.run(batch, [[5], [6], [7]], [1]);
    };
    const text = (length: number, seed: number) =>
      Array.from({ length }, (_, i) => (i * 13 + seed * 101) % 500);
    const own = text(50, 1);
    const calm = await batchOf([text(100, 2), own, text(3, 3)]);
    const loud = await batchOf([text(90, 4), own, text(120, 5)]);
    expect(loud.logits).toEqual(calm.logits);
  });
});

describe('A graph with weights at q8', () => {
  it('takes a row of zeros, which has no scale', async () => {
    const options = { layers: 2, heads: 2, width: 64, positions: 64, vocabulary: 100 };
    // Norms that give nothing: every product in the layers has rows of zeros.
    const model = await randomModel(options, 'q8', (checkpoint) =>
      overwriteTensors(
        join(checkpoint, 'model.safetensors'),
        /ln_[12]\.(weight|bias)$|attn\.bias$|c_attn\.bias$/,
      ),
    );
    const prompt = [1, 2, 3, 4];
    const { logits } = await model.runner.run(oneRow(model), [prompt], [0, 1, 2, 3]);
    await model.dispose();
    const expected = model.reference.logits(prompt).flatMap((row) => [...row]);
    const error = rootMeanSquare(expected.map((value, i) => value - logits[i]!));
    expect(error / rootMeanSquare(expected)).toBeLessThan(0.05);
  });
});

/** Overwrites tensors of a checkpoint in place, by default with zeros. */
async function overwriteTensors(
  path: string,
  which: RegExp,
  valueAt: (i: number) => number = () => 0,
): Promise<void> {
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE());
  const header: Record<string, { data_offsets: [number, number] }> = JSON.parse(
    bytes.toString('utf8', 8, 8 + length),
  );
  for (const [name, { data_offsets: offsets }] of Object.entries(header)) {
    if (!which.test(name)) continue;
    for (let at = offsets[0]; at < offsets[1]; at += 4)
      bytes.writeFloatLE(valueAt((at - offsets[0]) / 4), 8 + length + at);
  }
  await writeFile(path, bytes);
}

/** A cache with an empty row, which has room for as many tokens as the model does unless it is told otherwise. */
function oneRow({ runner }: RandomModel, bucket = runner.shape.positions): KvCache {
  const cache = new KvCache(runner.shape, 512, bucket);
  cache.addRow();
  return cache;
}

function expectClose(actual: Float32Array, expected: readonly Float64Array[], tolerance: number): void {
  const flat = expected.flatMap((row) => [...row]);
  expect(actual.length).toBe(flat.length);
  const worst = flat.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0);
  expect(worst).toBeLessThan(tolerance);
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
