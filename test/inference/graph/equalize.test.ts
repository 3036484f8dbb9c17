import { describe, expect, it, onTestFinished } from 'vitest';
import { type Checkpoint, expectedTensors, openCheckpoint } from '../../../inference/graph/checkpoint.ts';
import { equalized } from '../../../inference/graph/equalize.ts';
import { FORMATS } from '../../../inference/graph/products.ts';
import { dequantized } from '../../fixtures/dequantized.ts';
import { writeRandomCheckpoint } from '../../fixtures/random-checkpoint.ts';
import { ReferenceGpt2 } from '../../fixtures/reference-gpt2.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const OPTIONS = { layers: 2, heads: 2, width: 64, positions: 32, vocabulary: 90 };
const PROMPT = [3, 14, 15, 9, 26, 53, 58, 9, 79];
const OPENING = 'h.1.mlp.c_fc.weight';

describe('A checkpoint whose MLPs are equalized', () => {
  it('is the same model', async () => {
    const checkpoint = await uneven();
    const [before, after] = await Promise.all([logitsOf(checkpoint), logitsOf(equalized(checkpoint))]);
    after.forEach((value, i) => {
      expect(value).toBeCloseTo(before[i] ?? Number.NaN, 4);
    });
  });

  it('has smaller large inputs, larger small ones, and nothing else that is changed', async () => {
    const checkpoint = await uneven();
    const changed = equalized(checkpoint);
    const gains = await Promise.all([checkpoint, changed].map((one) => one.weight('h.1.ln_2.weight')));
    const spread = gains.map(
      (values) => Math.max(...values.map(Math.abs)) / Math.min(...values.map(Math.abs)),
    );
    expect(spread[1]).toBeLessThan((spread[0] ?? 0) / 2);
    for (const [name] of expectedTensors(checkpoint.shape)) {
      const [was, is] = await Promise.all([checkpoint.weight(name), changed.weight(name)]);
      if (/\.(ln_2\.(weight|bias)|mlp\.c_fc\.weight)$/.test(name)) expect(is).not.toEqual(was);
      else expect(is).toEqual(was);
    }
  });

  it('loses less at 4 bits: what large inputs are multiplied with is rounded more finely', async () => {
    const checkpoint = await uneven();
    const [before, after] = await Promise.all([lossOf(checkpoint), lossOf(equalized(checkpoint))]);
    expect(after).toBeLessThan(0.9 * before);
  });

  it('has factors that follow what a norm gives, about their geometric middle and within bounds', async () => {
    const checkpoint = await uneven();
    // As large as hypot(gain, shift): around 100, one far beyond, one by its shift alone, every eighth silent.
    const gainAt = (i: number) => (i % 8 === 0 ? 0 : i === 3 ? 1e12 : i === 5 ? 0 : 100 * 2 ** ((i % 5) - 2));
    const shiftAt = (i: number) => (i === 5 ? 50 : 0);
    const factors = await factorsOf({
      ...checkpoint,
      weight: async (name) => {
        const values = await checkpoint.weight(name);
        if (name.endsWith('ln_2.weight')) return values.map((_, i) => gainAt(i));
        return name.endsWith('ln_2.bias') ? values.map((_, i) => shiftAt(i)) : values;
      },
    });
    const sizes = factors.map((_, i) => Math.hypot(gainAt(i), shiftAt(i)));
    const heard = sizes.filter((size) => size > 0);
    const middle = Math.exp(heard.reduce((sum, size) => sum + Math.log(size), 0) / heard.length);
    factors.forEach((factor, i) => {
      const size = sizes[i] ?? Number.NaN;
      const expected = size === 0 ? 1 / 8 : size === 1e12 ? 8 : (size / middle) ** 0.3;
      expect(factor).toBeCloseTo(expected, 3);
    });
  });

  it('stays one of numbers where a norm has none: every weight of it zero, or all but one', async () => {
    const checkpoint = await uneven();
    for (const gain of [0, 1]) {
      const silent: Checkpoint = {
        ...checkpoint,
        weight: async (name) => {
          const values = await checkpoint.weight(name);
          return name.includes('ln_2') ? values.map((_, i) => (i === 0 ? gain : 0)) : values;
        },
      };
      for (const name of ['h.1.ln_2.weight', 'h.1.ln_2.bias', OPENING])
        expect((await equalized(silent).weight(name)).every(Number.isFinite)).toBe(true);
      const [before, after] = await Promise.all([logitsOf(silent), logitsOf(equalized(silent))]);
      expect(after[7]).toBeCloseTo(before[7] ?? Number.NaN, 4);
    }
  });
});

/** A random checkpoint in whose norms some outputs are far larger than others, as in trained ones. */
async function uneven(): Promise<Checkpoint> {
  const folder = await temporaryFolder();
  await writeRandomCheckpoint(folder, OPTIONS);
  const checkpoint = await openCheckpoint(folder);
  onTestFinished(() => checkpoint.close());
  return {
    ...checkpoint,
    weight: async (name) => {
      const values = await checkpoint.weight(name);
      return name.endsWith('ln_2.weight')
        ? values.map((value, i) => value * 2 ** (((i * 7) % 9) - 4))
        : values;
    },
  };
}

/** What the MLP's inputs are divided by, and their weights multiplied with. */
async function factorsOf(checkpoint: Checkpoint): Promise<readonly number[]> {
  const [was, is] = await Promise.all([checkpoint.weight(OPENING), equalized(checkpoint).weight(OPENING)]);
  const { width, innerWidth } = checkpoint.shape;
  return Array.from({ length: width }, (_, k) => is[k * innerWidth]! / was[k * innerWidth]!);
}

async function logitsOf(checkpoint: Checkpoint): Promise<readonly number[]> {
  const names = [...expectedTensors(checkpoint.shape)].map(([name]) => name);
  const judge = await ReferenceGpt2.load(checkpoint, names);
  return judge.logits(PROMPT).flatMap((row) => [...row]);
}

/** The squared error of the products with one matrix, for inputs as large as its norm makes them. */
async function lossOf(checkpoint: Checkpoint): Promise<number> {
  const { width: inputs, innerWidth: outputs } = checkpoint.shape;
  const values = await checkpoint.weight(OPENING);
  const gains = await checkpoint.weight('h.1.ln_2.weight');
  const layout = { inputs, outputs, inputStride: outputs, outputStride: 1 };
  const rounded = dequantized(values, layout, FORMATS.q4.mlpUp);
  return values.reduce((sum, value, i) => {
    const [k, n] = [Math.floor(i / outputs), i % outputs];
    return sum + ((rounded(k, n) - value) * (gains[k] ?? 0)) ** 2;
  }, 0);
}
