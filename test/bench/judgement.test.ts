import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RandomModel, randomModel } from '../fixtures/random-model.ts';
import { type Judgement, judge, renderJudgements } from './judgement.ts';

/** Windows of more than one piece, which are 128 tokens and then 64. */
const SIZES = { layers: 2, heads: 2, width: 16, positions: 200, vocabulary: 300 };

describe('A text that several kinds of weights read', () => {
  let exact: RandomModel;
  let small: RandomModel;
  const ids = Array.from({ length: 450 }, (_, i) => (i * 37) % 299);
  beforeAll(async () => {
    exact = await randomModel(SIZES, 'fp32');
    small = await randomModel(SIZES, 'q4');
  });
  afterAll(async () => {
    await exact.dispose();
    await small.dispose();
  });

  it('is judged token by token, each behind all of its window, which begins as a document does', async () => {
    const [judgement] = await judge([{ weights: 'fp32', runner: exact.runner }], ids);
    const windows = judgement?.windows ?? [];
    expect(windows.map(({ length }) => length)).toEqual([199, 199, 52]);
    const window = ids.slice(199, 398);
    const logits = exact.reference.logits([exact.manifest.shape.endOfText, ...window.slice(0, -1)]);
    for (const [i, id] of window.entries()) {
      const expected = logits[i] ?? new Float64Array();
      const logTotal = Math.log(expected.reduce((sum, logit) => sum + Math.exp(logit), 0));
      expect(windows[1]?.[i]?.logProbability).toBeCloseTo((expected[id] ?? Number.NaN) - logTotal, 4);
      expect(windows[1]?.[i]?.divergence).toBe(0);
    }
  });

  it('is the same text for all of them, and the first is what the others are held against', async () => {
    const all = await judge(
      [
        { weights: 'fp32', runner: exact.runner },
        { weights: 'q4', runner: small.runner },
      ],
      ids.slice(0, 10),
    );
    const [[was = []] = [], [is = []] = []] = all.map(({ windows }) => windows);
    expect([was.length, is.length]).toEqual([10, 10]);
    const divergences = is.map(({ divergence }) => divergence);
    expect(Math.min(...divergences)).toBeGreaterThan(0);
    expect(Math.max(...divergences)).toBeLessThan(0.1);
  });

  it('ends where a model has one place only', async () => {
    const single = await randomModel({ ...SIZES, positions: 1 }, 'fp32');
    const [judgement] = await judge([{ weights: 'fp32', runner: single.runner }], [1, 2, 3]);
    await single.dispose();
    expect(judgement?.windows.map(({ length }) => length)).toEqual([1, 1, 1]);
  });
});

describe('The table of what kinds of weights cost', () => {
  /** So likely is each token, by window. */
  const judgement = (weights: Judgement['weights'], chances: readonly (readonly number[])[]): Judgement => ({
    weights,
    windows: chances.map((window) =>
      window.map((chance) => ({
        logProbability: Math.log(chance),
        likeliest: weights === 'q8' && chance < 0.2 ? 1 : 0,
        divergence: weights === 'fp32' ? 0 : 0.25,
      })),
    ),
  });

  it('says how much more perplexed each is than the first, and how often both expect the same', () => {
    const rows = renderJudgements([
      judgement('fp32', [
        [0.5, 0.25],
        [0.5, 0.25],
      ]),
      judgement('q8', [
        [0.5, 0.125],
        [0.25, 0.25],
      ]),
    ]).split('\n');
    expect(rows[2]).toBe('| fp32 | 2.828 | +0.00 ± 0.00 % | 0.0000 | 100.0 % |');
    expect(rows[3]).toBe('| q8 | 4.000 | +41.42 ± 0.00 % | 0.2500 | 75.0 % |');
  });

  it('says of a better one that it is better, and nothing of chance where there is one window', () => {
    const [, , , better] = renderJudgements([
      judgement('fp32', [[0.25, 0.25]]),
      judgement('q4', [[0.5, 0.25]]),
    ]).split('\n');
    expect(better).toBe('| q4 | 2.828 | −29.29 % | 0.2500 | 100.0 % |');
  });
});
