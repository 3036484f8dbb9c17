import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { InferenceError, type InferenceErrorCode } from '../errors.ts';

/** One tensor as the header announces it; `begin` and `end` are byte offsets in the file. */
export interface TensorEntry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export type ElementType = 'F32' | 'F16' | 'BF16';

const BYTES: Readonly<Record<ElementType, number>> = { F32: 4, F16: 2, BF16: 2 };

/** The format's own limit for the header's length; anything above it is not a safetensors file. */
const LARGEST_HEADER = 100_000_000;

/** What stands in a clone's place of a large file that was not fetched: `version https://git-lfs.github.com/spec/v1`. */
const LFS_POINTER = Buffer.from('version ');

/** One `read` may return at most 2 GiB on Linux, so larger tensors are read in pieces. */
const READ_CHUNK = 256 * 1024 * 1024;

/**
 * A safetensors file, read tensor by tensor, so that checkpoints beyond 2 GiB need no more memory than their largest
 * matrix. Format: 8 bytes of header length (little endian), a JSON header, the data.
 *
 * @throws InferenceError `CHECKPOINT_INVALID`, naming the file or the tensor, for whatever is not such a file.
 */
export class SafetensorsFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, tensors: ReadonlyMap<string, TensorEntry>) {
    this.path = path;
    this.#file = file;
    this.tensors = tensors;
  }

  static async open(path: string): Promise<SafetensorsFile> {
    const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
      throw unreadable('CHECKPOINT_NOT_FOUND', path, cause);
    });
    try {
      return new SafetensorsFile(path, file, await readHeader(path, file));
    } catch (error) {
      await file.close();
      if (error instanceof InferenceError) throw error;
      throw unreadable('CHECKPOINT_INVALID', path, error as NodeJS.ErrnoException);
    }
  }

  /** The tensor's values in row-major order, widened to 32-bit floats. */
  async read(name: string): Promise<Float32Array> {
    const entry = this.tensors.get(name);
    if (!entry) throw new InferenceError('CHECKPOINT_INVALID', `${this.path} has no tensor ${name}.`);
    const bytes = new Uint8Array(entry.end - entry.begin);
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(READ_CHUNK, bytes.length - at);
      const { bytesRead } = await this.#file
        .read(bytes, at, length, entry.begin + at)
        .catch((cause: NodeJS.ErrnoException) => {
          throw unreadable('CHECKPOINT_INVALID', this.path, cause);
        });
      if (bytesRead === 0) throw truncated(this.path, name);
      at += bytesRead;
    }
    return widen(bytes, entry.type);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function readHeader(path: string, file: FileHandle): Promise<Map<string, TensorEntry>> {
  const { size } = await file.stat();
  const prefix = Buffer.alloc(8);
  if ((await file.read(prefix, 0, 8, 0)).bytesRead < 8) throw notSafetensors(path, 'it has no header');
  const length = Number(prefix.readBigUInt64LE());
  if (length > LARGEST_HEADER || 8 + length > size) {
    if (prefix.equals(LFS_POINTER)) throw lfsPointer(path);
    if (length > LARGEST_HEADER) throw notSafetensors(path, 'it does not begin like one');
    throw notSafetensors(path, `its header would be ${length} bytes long and the file has ${size}`);
  }
  const text = Buffer.alloc(length);
  await file.read(text, 0, length, 8);
  let header: unknown;
  try {
    header = JSON.parse(text.toString('utf8'));
  } catch {
    throw notSafetensors(path, 'its header is not JSON');
  }
  if (!isRecord(header)) throw notSafetensors(path, 'its header is not an object');

  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const entry = readEntry(path, name, value, 8 + length);
    if (entry === undefined) continue;
    if (entry.end > size) throw truncated(path, name);
    tensors.set(name, entry);
  }
  return tensors;
}

/** An entry of floats, or nothing for other types (integer masks that old checkpoints carry are never read). */
function readEntry(path: string, name: string, value: unknown, dataStart: number): TensorEntry | undefined {
  if (!isRecord(value)) throw damaged(path, name, 'its entry is not an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw damaged(path, name, 'its shape or offsets are missing');
  }
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype)) return undefined;
  const type = dtype as ElementType;
  const [begin = 0, end = 0] = offsets;
  const expected = shape.reduce((product, size) => product * size, 1) * BYTES[type];
  if (end - begin !== expected) {
    throw damaged(path, name, `its shape [${shape}] needs ${expected} bytes and it has ${end - begin}`);
  }
  return { name, type, shape, begin: dataStart + begin, end: dataStart + end };
}

function widen(bytes: Uint8Array<ArrayBuffer>, type: ElementType): Float32Array {
  if (type === 'F32') return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  const values = new Float32Array(halves.length);
  if (type === 'BF16') {
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16;
    return values;
  }
  const table = halfTable();
  for (let i = 0; i < halves.length; i++) values[i] = table[halves[i] as number] as number;
  return values;
}

let halves: Float32Array | undefined;

/** Every half-precision value (IEEE 754 binary16), indexed by its bits. */
function halfTable(): Float32Array {
  if (halves) return halves;
  halves = new Float32Array(0x10000);
  for (let bits = 0; bits < 0x10000; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) halves[bits] = sign * fraction * 2 ** -24;
    else if (exponent === 31) halves[bits] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else halves[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return halves;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function unreadable(code: InferenceErrorCode, path: string, cause: NodeJS.ErrnoException): InferenceError {
  return new InferenceError(code, `${path} cannot be read (${cause.code ?? cause.message}).`, { cause });
}

function notSafetensors(path: string, why: string): InferenceError {
  return new InferenceError(
    'CHECKPOINT_INVALID',
    `${basename(path)} is not a safetensors file: ${why}. Fetch it again (${path}).`,
  );
}

function lfsPointer(path: string): InferenceError {
  return new InferenceError(
    'CHECKPOINT_INVALID',
    `${basename(path)} only says where the weights are, as Git leaves it without Git LFS (${path}). Run git lfs pull there.`,
  );
}

function truncated(path: string, tensor: string): InferenceError {
  return new InferenceError(
    'CHECKPOINT_INVALID',
    `${basename(path)} ends before its tensor ${tensor} does: the file is truncated. Fetch it again (${path}).`,
  );
}

function damaged(path: string, tensor: string, why: string): InferenceError {
  return new InferenceError(
    'CHECKPOINT_INVALID',
    `The tensor ${tensor} of ${basename(path)} is damaged: ${why}. Fetch the file again (${path}).`,
  );
}
