import { type FileHandle, open } from 'node:fs/promises';

/** Tensor types of ggml, by the numbers that the file format gives them (`ggml_type`). */
export const GGML = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8 } as const;
export type GgmlType = keyof typeof GGML;

export type GgufValue =
  | { readonly type: 'uint32' | 'float32'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'int32s'; readonly value: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  readonly type: GgmlType;
  /** The innermost size first, as ggml counts them. */
  readonly sizes: readonly number[];
  readonly byteLength: number;
  /** Read when its turn comes, so that one tensor at a time is in memory. */
  readonly bytes: () => Promise<Uint8Array>;
}

const VERSION = 3;
/** Where tensors may begin; the format's default. */
const ALIGNMENT = 32;
/** `gguf_metadata_value_type`. */
const TYPE = { uint32: 4, int32: 5, float32: 6, string: 8, array: 9 } as const;

/** Writes a model file of llama.cpp (GGUF, ggml/docs/gguf.md). */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Promise<void> {
  const file = await open(path, 'w');
  try {
    const entries = Object.entries(metadata);
    const header: Buffer[] = [
      Buffer.from('GGUF'),
      uint32(VERSION),
      uint64(tensors.length),
      uint64(entries.length),
    ];
    for (const [key, value] of entries) header.push(text(key), ...encode(value));
    let offset = 0;
    for (const { name, type, sizes, byteLength } of tensors) {
      header.push(text(name), uint32(sizes.length), ...sizes.map(uint64), uint32(GGML[type]), uint64(offset));
      offset = aligned(offset + byteLength);
    }
    await writeAligned(file, Buffer.concat(header));
    for (const { name, byteLength, bytes } of tensors) {
      const data = await bytes();
      if (data.byteLength !== byteLength)
        throw new RangeError(`${name} has ${data.byteLength} bytes and not ${byteLength}.`);
      await writeAligned(file, data);
    }
  } finally {
    await file.close();
  }
}

function encode(value: GgufValue): Buffer[] {
  switch (value.type) {
    case 'uint32':
      return [uint32(TYPE.uint32), uint32(value.value)];
    case 'float32':
      return [uint32(TYPE.float32), float32(value.value)];
    case 'string':
      return [uint32(TYPE.string), text(value.value)];
    case 'strings':
      return [...arrayOf(TYPE.string, value.value.length), ...value.value.map(text)];
    case 'int32s':
      return [...arrayOf(TYPE.int32, value.value.length), Buffer.from(Int32Array.from(value.value).buffer)];
  }
}

function arrayOf(type: number, length: number): Buffer[] {
  return [uint32(TYPE.array), uint32(type), uint64(length)];
}

async function writeAligned(file: FileHandle, bytes: Uint8Array): Promise<void> {
  await file.write(bytes);
  await file.write(Buffer.alloc(aligned(bytes.byteLength) - bytes.byteLength));
}

function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
