import { describe, expect, it } from 'vitest';
import { draw } from '../../../../inference/engine/sampler/draw.ts';
import { keepMinP } from '../../../../inference/engine/sampler/min-p.ts';
import { normalize } from '../../../../inference/engine/sampler/normalize.ts';
import { softmax } from '../../../../inference/engine/sampler/softmax.ts';
import { applyTemperature } from '../../../../inference/engine/sampler/temperature.ts';
import { keepTopP } from '../../../../inference/engine/sampler/top-p.ts';
import { idsOf, probabilitiesOf, withProbabilities, withScores } from './candidate-list.ts';

describe('applyTemperature', () => {
  it('divides the distances from the highest score', () => {
    const candidates = withScores(5, 3, 1);
    applyTemperature(candidates, 0.5);
    expect([...candidates.scores]).toEqual([0, -4, -8]);
  });

  it('stays a number at the smallest temperature there is', () => {
    const candidates = withScores(5, 3);
    applyTemperature(candidates, Number.MIN_VALUE);
    softmax(candidates);
    expect(probabilitiesOf(candidates)).toEqual([1, 0]);
  });
});

describe('softmax', () => {
  it('makes probabilities in the ratio of the exponentials', () => {
    const candidates = withScores(0, Math.log(0.5), Math.log(0.5));
    softmax(candidates);
    expect(probabilitiesOf(candidates)).toEqual([0.5, 0.25, 0.25]);
  });

  it('leaves their share to tokens that are not among the candidates', () => {
    const candidates = withScores(0, 0);
    softmax(candidates, 2);
    expect(probabilitiesOf(candidates)).toEqual([0.25, 0.25]);
  });
});

describe('keepTopP', () => {
  it('keeps the smallest set whose probabilities reach p: the token that reaches it stays', () => {
    const candidates = withProbabilities(0.5, 0.25, 0.125, 0.125);
    keepTopP(candidates, 0.75);
    expect(idsOf(candidates)).toEqual([0, 1]);
  });

  it('takes one more token when p is a little higher', () => {
    const candidates = withProbabilities(0.5, 0.25, 0.125, 0.125);
    keepTopP(candidates, 0.76);
    expect(idsOf(candidates)).toEqual([0, 1, 2]);
  });

  it('always keeps the likeliest, also at 0', () => {
    const candidates = withProbabilities(0.5, 0.5);
    keepTopP(candidates, 0);
    expect(idsOf(candidates)).toEqual([0]);
  });

  it('keeps all at 1', () => {
    const candidates = withProbabilities(0.75, 0.25, 0);
    keepTopP(candidates, 1);
    expect(idsOf(candidates)).toEqual([0, 1, 2]);
  });
});

describe('keepMinP', () => {
  it('measures against the likeliest token, wherever it stands, and keeps the order', () => {
    const candidates = withProbabilities(0.1, 0.5, 0.05, 0.35);
    keepMinP(candidates, 0.2);
    expect(idsOf(candidates)).toEqual([0, 1, 3]);
    expect(probabilitiesOf(candidates)).toEqual([0.1, 0.5, 0.35]);
  });

  it('keeps the likeliest at 1, and all at 0', () => {
    const strict = withProbabilities(0.4, 0.6);
    keepMinP(strict, 1);
    expect(idsOf(strict)).toEqual([1]);
    const off = withProbabilities(1, 0);
    keepMinP(off, 0);
    expect(idsOf(off)).toEqual([0, 1]);
  });
});

describe('normalize', () => {
  it('shares what the filters took away among those left, in proportion', () => {
    const candidates = withProbabilities(0.375, 0.125);
    normalize(candidates);
    expect(probabilitiesOf(candidates)).toEqual([0.75, 0.25]);
  });
});

describe('draw', () => {
  const distribution = { ids: Int32Array.of(7, 3, 9), probabilities: Float64Array.of(0.5, 0.25, 0.25) };

  it.each([
    [0, 7],
    [0.49, 7],
    [0.5, 3],
    [0.74, 3],
    [0.75, 9],
    [1 - 2 ** -53, 9],
  ])('finds the token at %f of the cumulated probabilities', (random, id) => {
    expect(draw(distribution, random)).toBe(id);
  });

  it('never draws a token of probability 0, also where rounding leaves the sum below 1', () => {
    const rounded = { ids: Int32Array.of(1, 2, 3), probabilities: Float64Array.of(0, 0.999, 0) };
    expect(draw(rounded, 0)).toBe(2);
    expect(draw(rounded, 0.9999)).toBe(2);
  });
});
