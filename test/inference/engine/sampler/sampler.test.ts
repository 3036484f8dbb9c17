import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sampling } from '../../../../inference/engine/engine.ts';
import { uniform } from '../../../../inference/engine/random.ts';
import { draw } from '../../../../inference/engine/sampler/draw.ts';
import { createSampler } from '../../../../inference/engine/sampler/sampler.ts';

const PLAIN: Sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 };
const VOCABULARY = 600;

/** Logits like a model's: a function of the place in the text, the same on every run. */
function logitsAt(place: number): Float32Array {
  return Float32Array.from({ length: VOCABULARY }, (_, id) => (uniform(place, id) - 0.5) * 12);
}

/** Writes `count` tokens behind the context and gives them. */
function write(sampling: Sampling, context: readonly number[], count: number): number[] {
  const sampler = createSampler(sampling, 42, context);
  return Array.from({ length: count }, (_, place) => {
    const token = sampler.sample(logitsAt(place), place);
    sampler.accept(token);
    return token;
  });
}

/** The same filters, straight from their definitions and without regard to speed: probabilities by id. */
function reference(sampling: Sampling, logits: Float32Array, context: readonly number[]): number[] {
  const { temperature, topK, topP, minP, repetitionPenalty, noRepeatNgram: n } = sampling;
  const scores = Float32Array.from(logits);
  for (const id of new Set(context)) {
    scores[id] = scores[id]! < 0 ? scores[id]! * repetitionPenalty : scores[id]! / repetitionPenalty;
  }
  const tail = n === 0 ? '' : context.slice(context.length - n + 1).join();
  for (let i = 0; n > 0 && i + n <= context.length; i++) {
    if (n === 1 || context.slice(i, i + n - 1).join() === tail) scores[context[i + n - 1]!] = -Infinity;
  }
  let kept = [...scores.keys()].filter((id) => scores[id]! > -Infinity);
  kept.sort((a, b) => scores[b]! - scores[a]! || a - b);
  if (temperature === 0) kept = kept.slice(0, 1);
  if (topK > 0) kept = kept.slice(0, topK);
  const weigh = (id: number) => Math.exp((scores[id]! - scores[kept[0]!]!) / (temperature || 1));
  const total = kept.reduce((sum, id) => sum + weigh(id), 0);
  let sum = 0;
  const reached = kept.findIndex((id) => {
    sum += weigh(id) / total;
    return sum >= topP;
  });
  if (topP < 1 && reached >= 0) kept = kept.slice(0, reached + 1);
  kept = kept.filter((id) => weigh(id) >= minP);
  const left = kept.reduce((all, id) => all + weigh(id), 0);
  return [...scores.keys()].map((id) => (kept.includes(id) ? weigh(id) / left : 0));
}

const samplings: fc.Arbitrary<Sampling> = fc.record({
  temperature: fc.constantFrom(0, 0.2, 0.7, 1, 1.5, 40),
  topK: fc.constantFrom(0, 1, 2, 40, 599, 600, 10_000),
  topP: fc.constantFrom(0, 0.1, 0.5, 0.9, 0.999, 1),
  minP: fc.constantFrom(0, 0.05, 0.5, 1),
  repetitionPenalty: fc.constantFrom(0.8, 1, 1.1, 2),
  noRepeatNgram: fc.constantFrom(0, 1, 2, 3),
});
const contexts = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });

describe('the distribution', () => {
  it('is what the definitions of the filters give, for any settings and any text', () => {
    fc.assert(
      fc.property(samplings, contexts, fc.nat(1000), (sampling, context, place) => {
        const expected = reference(sampling, logitsAt(place), context);
        const { ids, probabilities } = createSampler(sampling, 1, context).distribution(logitsAt(place));
        const found = new Array<number>(VOCABULARY).fill(0);
        ids.forEach((id, i) => {
          found[id] = probabilities[i]!;
        });
        found.forEach((probability, id) => {
          expect(Math.abs(probability - expected[id]!), `token ${id}`).toBeLessThan(1e-9);
        });
      }),
    );
  });

  it('is what a token is drawn from, with one number per token', () => {
    const sampling = { ...PLAIN, topK: 40, topP: 0.9, temperature: 0.8 };
    const sampler = createSampler(sampling, 7);
    for (let place = 0; place < 50; place++) {
      const expected = draw(sampler.distribution(logitsAt(place)), uniform(7, place));
      expect(sampler.sample(logitsAt(place), place)).toBe(expected);
    }
  });

  it('lists the likeliest first when top-k or top-p limits it', () => {
    for (const limit of [{ topK: 20 }, { topP: 0.8 }]) {
      const { probabilities } = createSampler({ ...PLAIN, ...limit }, 1).distribution(logitsAt(3));
      expect([...probabilities]).toEqual([...probabilities].sort((a, b) => b - a));
    }
  });
});

describe('sampling', () => {
  it('draws each token as often as its probability says (chi-square; the seed is fixed)', () => {
    const logits = Float32Array.of(Math.log(4), Math.log(3), Math.log(2), Math.log(1));
    const sampler = createSampler(PLAIN, 99);
    const draws = 20_000;
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < draws; i++) counts[sampler.sample(Float32Array.from(logits), i)]! += 1;
    const expected = [0.4, 0.3, 0.2, 0.1].map((probability) => probability * draws);
    const chiSquare = counts.reduce((sum, count, i) => sum + (count - expected[i]!) ** 2 / expected[i]!, 0);
    // 3 degrees of freedom; 1 in 1,000 would lie above by chance.
    expect(chiSquare).toBeLessThan(16.27);
  });

  it('writes the same text for the same seed, and another for another', () => {
    const sampling = { ...PLAIN, topK: 40 };
    expect(write(sampling, [1, 2], 30)).toEqual(write(sampling, [1, 2], 30));
    const other = createSampler(sampling, 43, [1, 2]);
    expect(Array.from({ length: 30 }, (_, place) => other.sample(logitsAt(place), place))).not.toEqual(
      write(sampling, [1, 2], 30),
    );
  });

  it('goes on with the same tokens when a reply is taken up again in the middle', () => {
    const sampling = { ...PLAIN, topP: 0.9, repetitionPenalty: 1.3, noRepeatNgram: 2 };
    const whole = write(sampling, [1, 2, 3], 40);
    const resumed = createSampler(sampling, 42, [1, 2, 3, ...whole.slice(0, 25)]);
    const rest = whole.slice(25).map((_, i) => {
      const token = resumed.sample(logitsAt(25 + i), 25 + i);
      resumed.accept(token);
      return token;
    });
    expect(rest).toEqual(whole.slice(25));
  });

  it('is greedy at temperature 0, whatever the seed and the other limits; the lowest id wins a tie', () => {
    const greedy = { ...PLAIN, temperature: 0, topK: 3, topP: 0.1, minP: 1 };
    for (const seed of [0, 1, 2]) {
      expect(createSampler(greedy, seed).sample(Float32Array.of(1, 8, 8, 2), seed)).toBe(1);
    }
  });

  it('penalises repetition at temperature 0 too', () => {
    const sampler = createSampler({ ...PLAIN, temperature: 0, repetitionPenalty: 2 }, 0, [1, 1, 1]);
    expect(sampler.sample(Float32Array.of(5, 8, 1), 0)).toBe(0);
  });

  it('never writes an n-gram twice', () => {
    const text = write({ ...PLAIN, temperature: 0.1, topK: 3, noRepeatNgram: 2 }, [], 200);
    const pairs = text.slice(1).map((id, i) => `${text[i]} ${id}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it('fails the prompt when the n-grams leave nothing to say', () => {
    const sampler = createSampler({ ...PLAIN, noRepeatNgram: 1 }, 0, [0, 1]);
    expect(() => sampler.sample(Float32Array.of(1, 2), 0)).toThrow(
      expect.objectContaining({ code: 'PROMPT_FAILED' }),
    );
  });

  it('fails the prompt when the model gives nonsense, before and after the penalty', () => {
    const sampler = createSampler({ ...PLAIN, repetitionPenalty: 1.1 }, 0, [0]);
    expect(() => sampler.sample(Float32Array.of(Number.NaN, 2), 0)).toThrow(
      expect.objectContaining({ code: 'PROMPT_FAILED' }),
    );
  });

  it('checks its options when it is made', () => {
    expect(() => createSampler({ ...PLAIN, topP: 2 }, 0)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }),
    );
  });
});
