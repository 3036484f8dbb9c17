import type { Gpt2Shape } from '../graph/shape.ts';
import type { CacheType } from '../graph/weights.ts';

/** The sizes of a model and what its keys and values are kept as. */
export interface CachedShape extends Gpt2Shape {
  readonly cache: CacheType;
  /** Threads that compute a step. */
  readonly threads: number;
}

/** Keys or values: the bits of half-precision floats, or floats. Nobody here calculates with them. */
export type KvArray = Uint16Array | Float32Array;

/**
 * Arrays of so many elements each, in one piece of memory: the system gives pages to a large piece when they are written to,
 * while small ones may be cut from memory that was used before, and are cleared, and so taken, at once.
 */
function reserve(cache: CacheType, count: number, length: number): readonly KvArray[] {
  const memory = new ArrayBuffer(count * length * BYTES[cache]);
  const Elements = cache === 'float16' ? Uint16Array : Float32Array;
  return Array.from({ length: count }, (_, i) => new Elements(memory, i * length * BYTES[cache], length));
}

const BYTES: Readonly<Record<CacheType, number>> = { float16: 2, float32: 4 };

/** Sizes of a bucket come in steps of this many tokens: fine enough that little is read in vain, coarse enough that moving is rare. */
const BUCKET_STEP = 32;

/** The smallest bucket that holds this many tokens. */
export function bucketFor(tokens: number): number {
  return Math.ceil(tokens / BUCKET_STEP) * BUCKET_STEP;
}

/** More halves than this the runtime widens on all threads, others on one (`MlasConvertHalfToFloatBufferInParallel`). */
const WIDENED_ON_ONE_THREAD = 128_000;
/** From this share on, what one thread widens takes longer than what all do (docs/performance.md). */
const WORTH_FILLING_UP = 2 / 3;

/** Bytes of keys and values that one token takes. */
export function kvBytesPerToken(shape: CachedShape): number {
  return shape.layers * 2 * shape.width * BYTES[shape.cache];
}

/**
 * Keys and values of the rows of a batch, as the graph reads them: for each layer and side an array
 * [rows, heads, bucket, head width], the same bucket for all rows, each row filled up to its own length.
 *
 * The arrays are reserved once at their largest, and rows move within them when the bucket changes, so nothing is
 * allocated while running; the operating system gives memory to the part that is used.
 */
export class KvCache {
  /** In tokens, rows × bucket. */
  readonly capacity: number;
  readonly #heads: number;
  readonly #headWidth: number;
  /** Whether the graph makes floats of them, on several threads. */
  readonly #widened: boolean;
  /** keys and values of layer i at 2i and 2i + 1. */
  readonly #sides: readonly KvArray[];
  #bucket: number;
  #peak = 0;
  #lengths: number[] = [];

  constructor(shape: CachedShape, capacity: number, bucket = 0) {
    this.capacity = capacity;
    this.#heads = shape.heads;
    this.#headWidth = shape.headWidth;
    this.#widened = shape.cache === 'float16' && shape.threads > 1;
    this.#sides = reserve(shape.cache, 2 * shape.layers, capacity * shape.width);
    this.#bucket = bucket;
  }

  get rows(): number {
    return this.#lengths.length;
  }

  get bucket(): number {
    return this.#bucket;
  }

  /** The most tokens, rows × bucket, that were ever in use: the part of the arrays that has memory. */
  get peak(): number {
    return this.#peak;
  }

  /** Tokens that row holds. */
  length(row: number): number {
    return this.#lengths[row] ?? 0;
  }

  /** Tokens that the longest row holds. */
  get longest(): number {
    return Math.max(0, ...this.#lengths);
  }

  /** The array of one layer's keys (side 0) or values (side 1): [rows, heads, bucket, head width]. */
  side(layer: number, side: 0 | 1): KvArray {
    const all = this.#sides[2 * layer + side] as KvArray;
    return all.subarray(0, this.rows * this.#rowSize(this.#bucket));
  }

  /** A new empty row, the last one. */
  addRow(): number {
    this.#require(this.rows + 1, this.#bucket);
    return this.#lengths.push(0) - 1;
  }

  /** Forgets a row; the last row takes its place. Gives the row that moved, if one did. */
  removeRow(row: number): number | undefined {
    const last = this.rows - 1;
    if (row !== last) {
      const size = this.#rowSize(this.#bucket);
      for (const side of this.#sides) side.copyWithin(row * size, last * size, (last + 1) * size);
      this.#lengths[row] = this.length(last);
    }
    this.#lengths.pop();
    return row === last ? undefined : last;
  }

  /**
   * Overwrites a row's part of the arrays. What lies behind a row's length counts for nothing as long as it is a number,
   * but zero times NaN is NaN: what a failed row leaves would be the ruin of the next row in its place.
   */
  wipe(row: number): void {
    const size = this.#rowSize(this.#bucket);
    for (const side of this.#sides) side.fill(0, row * size, (row + 1) * size);
  }

  /** The bucket in which so many rows, the longest of so many tokens, are read soonest. */
  bestBucket(tokens: number, rows = this.rows): number {
    const smallest = bucketFor(tokens);
    if (!this.#widened) return smallest;
    const filledUp = bucketFor(Math.floor(WIDENED_ON_ONE_THREAD / (rows * this.#rowSize(1))) + 1);
    const worth = smallest >= WORTH_FILLING_UP * filledUp && rows * filledUp <= this.capacity;
    return worth ? Math.max(smallest, filledUp) : smallest;
  }

  /** The largest bucket for which the rows that there are leave room. */
  get largestBucket(): number {
    return Math.floor(this.capacity / this.rows / BUCKET_STEP) * BUCKET_STEP;
  }

  /** Changes the bucket, larger or smaller, keeping what every row holds. */
  resize(bucket: number): void {
    if (bucket === this.#bucket) return;
    this.#require(this.rows, bucket);
    if (this.longest > bucket)
      throw new RangeError(`A row of ${this.longest} tokens does not fit a bucket of ${bucket}.`);
    const before = this.#bucket * this.#headWidth;
    const after = bucket * this.#headWidth;
    const strips = this.rows * this.#heads;
    for (const side of this.#sides) {
      // Towards larger strides from the end, towards smaller ones from the beginning: nothing is overwritten before it moved.
      for (let i = 0; i < strips; i++) {
        const strip = bucket > this.#bucket ? strips - 1 - i : i;
        const used = this.length(Math.floor(strip / this.#heads)) * this.#headWidth;
        side.copyWithin(strip * after, strip * before, strip * before + used);
      }
    }
    this.#bucket = bucket;
  }

  /**
   * Takes over new entries from a run's `present` output, [rows, layers × 2, heads, tokens, head width]: those of its row
   * `from`, the first `count` tokens, behind what this row holds.
   */
  append(row: number, present: KvArray, from: number, tokens: number, count = tokens): void {
    const length = this.length(row);
    if (length + count > this.#bucket)
      throw new RangeError(`Row ${row} of ${length} tokens has no room for ${count} more.`);
    const width = this.#headWidth;
    const strip = this.#bucket * width;
    for (let i = 0; i < this.#sides.length; i++) {
      const side = this.#sides[i] as KvArray;
      for (let head = 0; head < this.#heads; head++) {
        const source = ((from * this.#sides.length + i) * this.#heads + head) * tokens * width;
        const target = (row * this.#heads + head) * strip + length * width;
        if (count === 1) {
          for (let d = 0; d < width; d++) side[target + d] = present[source + d] as number;
        } else side.set(present.subarray(source, source + count * width), target);
      }
    }
    this.#lengths[row] = length + count;
  }

  /** Takes over a whole row from another cache of the same model. */
  copyRow(row: number, other: KvCache, otherRow: number): void {
    const length = other.length(otherRow);
    if (length > this.#bucket)
      throw new RangeError(`A row of ${length} tokens does not fit a bucket of ${this.#bucket}.`);
    const width = this.#headWidth;
    for (let i = 0; i < this.#sides.length; i++) {
      const from = other.#sides[i] as KvArray;
      const to = this.#sides[i] as KvArray;
      for (let head = 0; head < this.#heads; head++) {
        const source = (otherRow * this.#heads + head) * other.#bucket * width;
        to.set(
          from.subarray(source, source + length * width),
          (row * this.#heads + head) * this.#bucket * width,
        );
      }
    }
    this.#lengths[row] = length;
  }

  /** Shortens a row to its first `length` tokens. */
  truncate(row: number, length: number): void {
    this.#lengths[row] = Math.min(length, this.length(row));
  }

  #rowSize(bucket: number): number {
    return this.#heads * bucket * this.#headWidth;
  }

  #require(rows: number, bucket: number): void {
    if (rows * bucket > this.capacity) {
      throw new RangeError(`${rows} rows of ${bucket} tokens exceed the capacity of ${this.capacity}.`);
    }
    this.#peak = Math.max(this.#peak, rows * bucket);
  }
}
