import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketFor, type KvArray, KvCache, kvBytesPerToken } from '../../../inference/engine/kv-cache.ts';
import { readShape } from '../../../inference/graph/shape.ts';

const shape = {
  ...readShape(
    { model_type: 'gpt2', n_layer: 2, n_head: 3, n_embd: 6, n_positions: 64, vocab_size: 10 },
    'test',
  ),
  cache: 'float32' as const,
  threads: 2,
};
const SIDES = 2 * shape.layers;
const CAPACITY = 60;

/** Which tokens each row holds, every token a number of its own: what the cache's arrays must amount to. */
class NaiveCache {
  readonly rows: number[][] = [];
  bucket = 8;
}

/** The float of a token in one layer's keys or values: recognisable wherever it turns up. */
const floatOf = (token: number, side: number, head: number, d: number) =>
  token * 100 + side * 10 + head * shape.headWidth + d;

const row = fc.nat(3);
const bucket = fc.nat(24);
const operations = fc.array(
  fc.record({
    cache: fc.constantFrom(0, 1),
    step: fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant('addRow' as const) }) },
      fc.record({ do: fc.constant('removeRow' as const), row }),
      { weight: 2, arbitrary: fc.record({ do: fc.constant('resize' as const), bucket }) },
      fc.record({ do: fc.constant('truncate' as const), row, length: fc.nat(8) }),
      fc.record({ do: fc.constant('copyRow' as const), row, from: row }),
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant('append' as const),
          row,
          rows: fc.integer({ min: 1, max: 3 }),
          from: fc.nat(2),
          tokens: fc.integer({ min: 1, max: 6 }),
          dropped: fc.nat(5),
        }),
      },
    ),
  }),
  { minLength: 20, maxLength: 80, size: 'max' },
);
type Step = (typeof operations extends fc.Arbitrary<(infer Operation)[]> ? Operation : never) & {};

describe('The cache of keys and values', () => {
  it('holds what was put into it, through any sequence of growing, shrinking, joining and leaving', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const caches = [new KvCache(shape, CAPACITY, 8), new KvCache(shape, CAPACITY, 8)] as const;
        const models = [new NaiveCache(), new NaiveCache()] as const;
        let nextToken = 1;
        for (const operation of list) {
          nextToken = apply(operation, caches, models, nextToken);
          caches.forEach((cache, i) => {
            expectSame(cache, models[i]!);
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it('remembers the most that it ever held, which is what it has taken of the memory', () => {
    const cache = new KvCache(shape, CAPACITY, 8);
    for (let i = 0; i < 3; i++) cache.addRow();
    for (let i = 0; i < 3; i++) cache.removeRow(0);
    cache.resize(16);
    expect(cache.peak).toBe(24);
  });

  it('can wipe a row, so that a failed one leaves no NaN behind', () => {
    const cache = new KvCache(shape, CAPACITY, 4);
    for (let i = 0; i < 3; i++) {
      cache.addRow();
      cache.append(i, i === 1 ? presentOf([0]).fill(Number.NaN) : presentOf([i + 1]), 0, 1);
    }
    cache.wipe(1);
    const side = cache.side(1, 0);
    expect(side.some(Number.isNaN)).toBe(false);
    expect(side[0]).toBe(floatOf(1, 2, 0, 0));
    expect(side[2 * shape.heads * 4 * shape.headWidth]).toBe(floatOf(3, 2, 0, 0));
  });

  it('takes two numbers a layer for each unit of width and token', () => {
    const small = { ...shape, layers: 12, width: 768 };
    expect(kvBytesPerToken(small)).toBe(12 * 2 * 768 * 4);
    expect(kvBytesPerToken({ ...small, cache: 'float16' })).toBe(12 * 2 * 768 * 2);
  });

  it('keeps half-precision floats as the bits that they are', () => {
    const cache = new KvCache({ ...shape, cache: 'float16' }, 8, 4);
    cache.addRow();
    const bits = Uint16Array.from({ length: SIDES * shape.width }, (_, i) => 0xfc00 - i);
    cache.append(0, bits, 0, 1);
    expect([...cache.side(0, 0).subarray(0, shape.headWidth)]).toEqual([0xfc00, 0xfbff]);
  });

  it('comes in buckets of 32 tokens', () => {
    expect([0, 1, 128, 129, 1024].map(bucketFor)).toEqual([0, 32, 128, 160, 1024]);
  });

  it('takes a few tokens more where halves are then widened on all cores, if there is room', () => {
    const wide = { ...shape, heads: 12, headWidth: 64, width: 768, cache: 'float16' as const };
    const best = (cache: KvCache, rows: number) =>
      [32, 96, 97, 160, 161, 192, 193].map((tokens) => cache.bestBucket(tokens, rows));
    const smallest = [32, 96, 128, 160, 192, 192, 224];
    expect(best(new KvCache(wide, 1024), 1)).toEqual([32, 96, 192, 192, 192, 192, 224]);
    expect(new KvCache(wide, 1024).bestBucket(64, 2)).toBe(96);
    expect(best(new KvCache(wide, 160), 1)).toEqual(smallest);
    expect(best(new KvCache({ ...wide, cache: 'float32' }, 1024), 1)).toEqual(smallest);
    expect(best(new KvCache({ ...wide, threads: 1 }, 1024), 1)).toEqual(smallest);
    // Halves as many as one thread still widens are not enough.
    expect(new KvCache({ ...wide, heads: 10, headWidth: 100 }, 1024).bestBucket(128, 1)).toBe(160);
    expect(new KvCache(wide, 1024).bestBucket(32, 4)).toBe(32);
    // Of 256 tokens 192 are worth it, 160 are not.
    const narrow = new KvCache({ ...wide, heads: 8, width: 512 }, 1024);
    expect([160, 192].map((tokens) => narrow.bestBucket(tokens, 1))).toEqual([160, 256]);
  });
});

function apply(
  { cache: which, step }: Step,
  caches: readonly [KvCache, KvCache],
  models: readonly [NaiveCache, NaiveCache],
  nextToken: number,
): number {
  const cache = caches[which as 0 | 1];
  const model = models[which as 0 | 1];
  const other = models[(1 - which) as 0 | 1];
  const held = 'row' in step ? model.rows[step.row] : undefined;
  if ('row' in step && !held) return nextToken;
  switch (step.do) {
    case 'addRow':
      if ((model.rows.length + 1) * model.bucket > CAPACITY) expect(() => cache.addRow()).toThrow(RangeError);
      else expect(cache.addRow()).toBe(model.rows.push([]) - 1);
      break;
    case 'removeRow': {
      const last = model.rows.pop()!;
      const moved = held !== last;
      if (moved) model.rows[step.row] = last;
      expect(cache.removeRow(step.row)).toBe(moved ? model.rows.length : undefined);
      break;
    }
    case 'resize': {
      const longest = Math.max(0, ...model.rows.map((tokens) => tokens.length));
      const fits = model.rows.length * step.bucket <= CAPACITY && longest <= step.bucket;
      if (fits) {
        cache.resize(step.bucket);
        model.bucket = step.bucket;
      } else expect(() => cache.resize(step.bucket)).toThrow(RangeError);
      break;
    }
    case 'truncate':
      cache.truncate(step.row, step.length);
      model.rows[step.row] = held!.slice(0, step.length);
      break;
    case 'copyRow': {
      const source = other.rows[step.from];
      if (!source) break;
      const copy = () => cache.copyRow(step.row, caches[(1 - which) as 0 | 1], step.from);
      if (source.length > model.bucket) expect(copy).toThrow(RangeError);
      else {
        copy();
        model.rows[step.row] = [...source];
      }
      break;
    }
    case 'append': {
      const { rows, tokens } = step;
      const from = step.from % rows;
      const count = Math.max(1, tokens - step.dropped);
      const present = new Float32Array(rows * presentOf(new Array(tokens).fill(0)).length).fill(-1);
      const added = Array.from({ length: tokens }, (_, i) => nextToken + i);
      present.set(presentOf(added), (from * present.length) / rows);
      const append = () => cache.append(step.row, present, from, tokens, count);
      if (held!.length + count > model.bucket) expect(append).toThrow(RangeError);
      else {
        append();
        held!.push(...added.slice(0, count));
      }
      return nextToken + tokens;
    }
  }
  return nextToken;
}

/** One row of a run's output, [layers × 2, heads, tokens, head width]. */
function presentOf(tokens: readonly number[]): Float32Array {
  const values: number[] = [];
  for (let side = 0; side < SIDES; side++)
    for (let head = 0; head < shape.heads; head++)
      for (const token of tokens)
        for (let d = 0; d < shape.headWidth; d++) values.push(floatOf(token, side, head, d));
  return Float32Array.from(values);
}

function expectSame(cache: KvCache, model: NaiveCache): void {
  expect(cache.rows).toBe(model.rows.length);
  expect(cache.bucket).toBe(model.bucket);
  expect(cache.longest).toBe(Math.max(0, ...model.rows.map((tokens) => tokens.length)));
  expect(model.rows.map((_, row) => cache.length(row))).toEqual(model.rows.map((tokens) => tokens.length));
  for (let side = 0; side < SIDES; side++) {
    const array = cache.side(side >> 1, (side & 1) as 0 | 1);
    expect(array.length).toBe(model.rows.length * shape.width * model.bucket);
    expect(wrongFloats(array, side, model)).toEqual([]);
  }
}

/** Compared by hand: `expect` for every float would take longer than all else. */
function wrongFloats(array: KvArray, side: number, model: NaiveCache): string[] {
  const wrong: string[] = [];
  model.rows.forEach((tokens, row) => {
    for (let head = 0; head < shape.heads; head++) {
      tokens.forEach((token, t) => {
        for (let d = 0; d < shape.headWidth; d++) {
          const at = ((row * shape.heads + head) * model.bucket + t) * shape.headWidth + d;
          if (array[at] !== floatOf(token, side, head, d))
            wrong.push(`row ${row}, head ${head}, token ${t}: ${array[at]}`);
        }
      });
    }
  });
  return wrong;
}
