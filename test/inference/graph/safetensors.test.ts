import { mkdir, open, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SafetensorsFile } from '../../../inference/graph/safetensors.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const HALF: Readonly<Record<number, number>> = {
  0: 0,
  32768: -0,
  1: 2 ** -24,
  33791: -1023 * 2 ** -24,
  1024: 2 ** -14,
  13653: 0.333251953125,
  15360: 1,
  49152: -2,
  31743: 65_504,
  31744: Number.POSITIVE_INFINITY,
  64512: Number.NEGATIVE_INFINITY,
  32256: Number.NaN,
};
const BFLOAT: Readonly<Record<number, number>> = {
  0: 0,
  32768: -0,
  1: 2 ** -133,
  128: 2 ** -126,
  16256: 1,
  16457: 3.140625,
  65407: -(2 - 2 ** -7) * 2 ** 127,
  32640: Number.POSITIVE_INFINITY,
  65472: Number.NaN,
};

describe('the values of a tensor', () => {
  it('of 32 bits arrive bit by bit, subnormals and infinities included', async () => {
    const folder = await temporaryFolder();
    await fc.assert(
      fc.asyncProperty(fc.uint32Array({ minLength: 1, maxLength: 50 }), async (bits) => {
        const values = await readOnly(
          folder,
          'F32',
          Buffer.from(bits.buffer, bits.byteOffset, bits.byteLength),
        );
        expect(new Uint32Array(values.buffer)).toEqual(bits);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['F16', HALF],
    ['BF16', BFLOAT],
  ] as const)('of type %s are widened without rounding', async (type, table) => {
    const bits = Uint16Array.from(Object.keys(table), Number);
    const values = await readOnly(await temporaryFolder(), type, Buffer.from(bits.buffer));
    expect([...values]).toEqual(Object.values(table));
  });

  it('of 16 bits grow with their bits, all through the positive numbers', async () => {
    const bits = Uint16Array.from({ length: 0x7c01 }, (_, i) => i);
    const values = await readOnly(await temporaryFolder(), 'F16', Buffer.from(bits.buffer));
    for (let i = 1; i < values.length; i++) expect(values[i]! > values[i - 1]!).toBe(true);
  });

  it('are found beyond 4 GiB, where 32-bit offsets end', async () => {
    const path = join(await temporaryFolder(), 'large.safetensors');
    const far = 2 ** 32 + 64;
    const header = headerOf({ filler: ['U8', [far], [0, far]], late: ['F32', [2], [far, far + 8]] });
    await writeFile(path, header);
    // A hole in the file: it takes no room on the disk.
    await truncate(path, header.length + far + 8);
    const raw = await open(path, 'r+');
    await raw.write(Buffer.from(Float32Array.of(1.5, -2.25).buffer), 0, 8, header.length + far);
    await raw.close();
    const file = await SafetensorsFile.open(path);
    expect([...(await file.read('late'))]).toEqual([1.5, -2.25]);
    await file.close();
  });
});

describe('a tensor that the model does not use', () => {
  it.each(['BOOL', 'U8', 'I64', 'F64', 'F8_E4M3', 'toString'])('may be of the type %s', async (type) => {
    const path = join(await temporaryFolder(), 'masks.safetensors');
    const header = headerOf({ 'h.0.attn.bias': [type, [1, 1, 3], [0, 3]], w: ['F32', [1], [3, 7]] });
    await writeFile(path, Buffer.concat([header, Buffer.alloc(3), Buffer.from(Float32Array.of(7).buffer)]));
    const file = await SafetensorsFile.open(path);
    expect([...file.tensors.keys()]).toEqual(['w']);
    expect([...(await file.read('w'))]).toEqual([7]);
    await file.close();
  });
});

describe('a file that is not what it says', () => {
  const good = headerOf({ w: ['F32', [2], [0, 8]] });
  const data = Buffer.alloc(8);
  const lying = (length: bigint) => {
    const bytes = Buffer.concat([good, data]);
    bytes.writeBigUInt64LE(length);
    return bytes;
  };
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['is empty', Buffer.alloc(0), /has no header/],
    ['ends within the length of its header', good.subarray(0, 5), /has no header/],
    ['ends within its header', good.subarray(0, 20), /header would be \d+ bytes long and the file has 20/],
    ['announces a header of no bytes', lying(0n), /header is not JSON/],
    ['announces a header that is too short', lying(10n), /header is not JSON/],
    ['announces a header that reaches into the data', lying(BigInt(good.length)), /header is not JSON/],
    ['announces a header beyond its end', lying(1000n), /header would be 1000 bytes/],
    ['announces a header of absurd length', lying(2n ** 64n - 1n), /does not begin like one/],
    ['is a web page', Buffer.from('<!doctype html><title>Not found</title>'), /not a safetensors file/],
    ['has a list for a header', framed('[]'), /header is not an object/],
    ['has null for a header', framed('null'), /header is not an object/],
    ['is truncated', Buffer.concat([good, data.subarray(0, 7)]), /tensor w .*truncated/],
    ['has an entry that is no object', framed('{"w":3}'), /tensor w .*damaged/],
    [
      'has an entry without a shape',
      framed('{"w":{"dtype":"F32","data_offsets":[0,8]}}'),
      /tensor w .*shape/,
    ],
    ['has a size below zero', headerOf({ w: ['F32', [-2], [0, 8]] }), /tensor w .*shape/],
    ['has a size that is no whole number', headerOf({ w: ['F32', [0.5], [0, 2]] }), /tensor w .*shape/],
    ['has one offset only', headerOf({ w: ['F32', [2], [0]] }), /tensor w .*offsets/],
    ['has offsets the wrong way round', headerOf({ w: ['F32', [2], [8, 0]] }), /tensor w .*needs 8 bytes/],
    [
      'has a shape of another size',
      headerOf({ w: ['F16', [2], [0, 8]] }),
      /tensor w .*needs 4 bytes.* has 8/,
    ],
  ];
  it.each(cases)('because it %s is refused with the reason', async (_, content, reason) => {
    const path = join(await temporaryFolder(), 'bad.safetensors');
    await writeFile(path, content);
    await expect(SafetensorsFile.open(path)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(reason),
    });
    await expect(SafetensorsFile.open(path)).rejects.toThrow('bad.safetensors');
  });

  it('because it is a folder is refused by its name', async () => {
    const path = join(await temporaryFolder(), 'folder.safetensors');
    await mkdir(path);
    await expect(SafetensorsFile.open(path)).rejects.toMatchObject({
      code: expect.stringMatching(/^CHECKPOINT_/),
      message: expect.stringContaining('folder.safetensors'),
    });
  });

  it('because it shrinks while it is read is refused at the tensor', async () => {
    const path = join(await temporaryFolder(), 'shrinking.safetensors');
    await writeFile(path, Buffer.concat([good, data]));
    const file = await SafetensorsFile.open(path);
    await truncate(path, good.length + 3);
    await expect(file.read('w')).rejects.toThrow(/tensor w .*truncated/);
    await file.close();
  });

  it('never brings down more than itself, whatever its bytes are', async () => {
    const path = join(await temporaryFolder(), 'noise.safetensors');
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.uint8Array({ minLength: 1, maxLength: 12 }), async (at, noise) => {
        const bytes = Buffer.concat([good, data]);
        bytes.set(noise, Math.min(at, bytes.length - noise.length));
        await writeFile(path, bytes);
        const file = await SafetensorsFile.open(path).catch((error) => error);
        if (file instanceof SafetensorsFile) await file.close();
        else expect(file).toMatchObject({ code: 'CHECKPOINT_INVALID' });
      }),
      { numRuns: 200 },
    );
  });
});

type Entry = readonly [type: string, shape: readonly number[], offsets: readonly number[]];

function headerOf(entries: Readonly<Record<string, Entry>>): Buffer {
  const header = Object.entries(entries).map(([name, [dtype, shape, data_offsets]]) => [
    name,
    { dtype, shape, data_offsets },
  ]);
  return framed(JSON.stringify(Object.fromEntries(header)));
}

function framed(header: string): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header)]);
}

async function readOnly(folder: string, type: 'F32' | 'F16' | 'BF16', data: Buffer): Promise<Float32Array> {
  const path = join(folder, 'one.safetensors');
  const length = data.length / (type === 'F32' ? 4 : 2);
  await writeFile(path, Buffer.concat([headerOf({ w: [type, [length], [0, data.length]] }), data]));
  const file = await SafetensorsFile.open(path);
  const values = await file.read('w');
  await file.close();
  return values;
}
