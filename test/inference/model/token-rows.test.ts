import * as files from 'node:fs';
import { readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AutoModelForCausalLM, PreTrainedModel } from '@xenova/transformers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { TokenId } from '../../../inference/engine/engine.ts';
import { openCheckpoint } from '../../../inference/graph/checkpoint.ts';
import { type CompiledModel, MODEL_NAME, readManifest } from '../../../inference/graph/compile.ts';
import { TABLE_FORMAT } from '../../../inference/graph/token-table.ts';
import { loadModel } from '../../../inference/model/load.ts';
import { openGraph } from '../../../inference/model/open-graph.ts';
import { TokenRows } from '../../../inference/model/token-rows.ts';
import { compiledRandom } from '../../fixtures/compiled-random.ts';
import { randomModel } from '../../fixtures/random-model.ts';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof files>();
  return {
    ...real,
    openSync: vi.fn(real.openSync),
    readSync: vi.fn(real.readSync),
    closeSync: vi.fn(real.closeSync),
  };
});

const BLOCK = TABLE_FORMAT.size;
const SHAPE = { layers: 1, heads: 1, width: 64, positions: 16, vocabulary: 150 };
/** In no order, one of them twice, the first and the last of the table among them. */
const IDS: readonly TokenId[] = [7, 149, 0, 7, 80];

describe('The rows of the token table', () => {
  it('are the checkpoint’s own at full precision', async () => {
    const { rows, expected } = await lookedUp('fp32', SHAPE);
    expect(rows).toEqual(expected);
  });

  it('are whole numbers of levels at 8 bits, and within half a level of the checkpoint’s', async () => {
    const { rows, expected } = await lookedUp('q8', SHAPE);
    for (let begin = 0; begin < expected.length; begin += BLOCK) {
      const block = expected.subarray(begin, begin + BLOCK);
      const level = Math.max(...block.map(Math.abs)) / 128;
      const errors = block.map((value, i) => Math.abs(value - (rows[begin + i] ?? Number.NaN)));
      expect(Math.max(...errors)).toBeLessThanOrEqual(0.501 * level);
      expect(Math.max(...errors)).toBeGreaterThan(0);
    }
  });

  it('are the same at 4 bits as at 8', async () => {
    const [four, eight] = await Promise.all([lookedUp('q4', SHAPE), lookedUp('q8', SHAPE)]);
    expect(four.rows).toEqual(eight.rows);
  });

  it('are the checkpoint’s own where a row does not come in whole blocks', async () => {
    const { rows, expected } = await lookedUp('q8', { ...SHAPE, width: 40 });
    expect(rows).toEqual(expected);
  });

  it('are where the manifest says, behind whatever stands in front of them', async () => {
    const { folder, manifest, data } = await place();
    const before = open(folder, manifest).lookUp(IDS);
    await writeFile(data, Buffer.concat([Buffer.alloc(4096, 0x55), await readFile(data)]));
    const offset = manifest.tokens.offset + 4096;
    const tokens = { ...manifest.tokens, offset };
    expect(open(folder, { ...manifest, tokens }).lookUp(IDS)).toEqual(before);
  });

  it('are whole when the system gives them in parts', async () => {
    const { folder, manifest } = await place();
    const rows = open(folder, manifest);
    const atOnce = rows.lookUp(IDS);
    const { readSync } = await vi.importActual<typeof files>('node:fs');
    vi.mocked(files.readSync).mockImplementation(((file, into, at, count, position) =>
      readSync(file, into, at as number, Math.min(count as number, 7), position)) as typeof readSync);
    onTestFinished(() => void vi.mocked(files.readSync).mockImplementation(readSync));
    expect(rows.lookUp(IDS)).toEqual(atOnce);
  });

  it.each([-1, 300, 1.5, Number.NaN])(
    'are none of other tensors: not for %s, which is no token',
    async (id) => {
      const { folder, manifest } = await place();
      expect(() => open(folder, manifest).lookUp([0, id])).toThrow(RangeError);
    },
  );
});

describe('The table of a folder', () => {
  it('that is gone is refused, with what to do', async () => {
    const { folder, manifest, data } = await place();
    await unlink(data);
    expect(() => new TokenRows(folder, manifest)).toThrow(
      expect.objectContaining({
        code: 'ENGINE_FAILED',
        message: expect.stringMatching(/cannot be opened \(ENOENT\)\. Remove the folder .* and start again/),
      }),
    );
  });

  it('is refused when its last row lacks a byte, and not before', async () => {
    const { folder, manifest, data } = await place();
    const end = manifest.tokens.offset + 300 * (32 + 4);
    await truncate(data, end);
    expect(open(folder, manifest).lookUp([299])).toHaveLength(32);
    await truncate(data, end - 1);
    vi.mocked(files.closeSync).mockClear();
    expect(() => new TokenRows(folder, manifest)).toThrow(
      expect.objectContaining({
        code: 'ENGINE_FAILED',
        message: expect.stringMatching(/not as long as it was\. Remove the folder .* and start again/),
      }),
    );
    expect(files.closeSync).toHaveBeenCalledOnce();
  });

  it('that loses its end while it is read says so, instead of giving the rows that were read before', async () => {
    const { folder, manifest, data } = await place();
    const rows = open(folder, manifest);
    rows.lookUp([0]);
    await truncate(data, manifest.tokens.offset + 10);
    expect(() => rows.lookUp([0])).toThrow(/not as long as it was/);
  });

  it('on a disk that fails says so', async () => {
    const { folder, manifest } = await place();
    const rows = open(folder, manifest);
    vi.mocked(files.readSync).mockImplementationOnce(() => {
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    });
    expect(() => rows.lookUp([0])).toThrow(
      expect.objectContaining({
        code: 'ENGINE_FAILED',
        message: expect.stringContaining('cannot be read (EIO)'),
      }),
    );
  });

  it('is not read behind its end', async () => {
    const { folder, manifest } = await place();
    const rows = open(folder, manifest);
    rows.close();
    rows.close();
    expect(() => rows.lookUp([0])).toThrow(expect.objectContaining({ code: 'ENGINE_CLOSED' }));
  });
});

describe('A graph and its table', () => {
  it('are opened and closed together', async () => {
    const { folder } = await place();
    const counts = watch();
    const { dispose } = await openGraph(folder, 1);
    expect(counts()).toEqual({ sessions: 1, disposed: 0, opened: 1, closed: 0 });
    await dispose();
    expect(counts()).toEqual({ sessions: 1, disposed: 1, opened: 1, closed: 1 });
  });

  it('leave nothing open for want of an open file, and nobody is told to remove them', async () => {
    const { folder } = await place();
    const shortage = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    const counts = watch();
    vi.mocked(files.openSync).mockImplementationOnce(() => {
      throw shortage;
    });
    await expect(openGraph(folder, 1)).rejects.toBe(shortage);
    expect(counts()).toMatchObject({ sessions: 1, disposed: 1, closed: 0 });
  });

  it('leave nothing open when the tokenizer beside them is broken', async () => {
    const { folder } = await place();
    await writeFile(join(folder, 'tokenizer.json'), '{');
    const counts = watch();
    await expect(loadModel(folder, 'broken', 1)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    expect(counts()).toEqual({ sessions: 1, disposed: 1, opened: 1, closed: 1 });
  });
});

/** Counts the sessions of the model (not the probe's) and the files that are opened and closed from now on. */
function watch() {
  vi.mocked(files.openSync).mockClear();
  vi.mocked(files.closeSync).mockClear();
  const load = vi.spyOn(AutoModelForCausalLM, 'from_pretrained');
  onTestFinished(() => load.mockRestore());
  const dispose = vi.spyOn(PreTrainedModel.prototype, 'dispose');
  onTestFinished(() => dispose.mockRestore());
  return () => ({
    sessions: load.mock.calls.filter(([, options]) => options?.model_file_name === MODEL_NAME).length,
    // The probe is disposed of before the model is loaded.
    disposed: dispose.mock.calls.length - (load.mock.calls.length - 1),
    opened: vi.mocked(files.openSync).mock.calls.length,
    closed: vi.mocked(files.closeSync).mock.calls.length,
  });
}

function open(folder: string, manifest: CompiledModel): TokenRows {
  const rows = new TokenRows(folder, manifest);
  onTestFinished(() => rows.close());
  return rows;
}

/** What the compiled folder gives for `IDS`, and what stands in the checkpoint. */
async function lookedUp(weights: CompiledModel['weights'], shape: typeof SHAPE) {
  const model = await randomModel(shape, weights);
  onTestFinished(() => model.dispose());
  const rows = open(model.compiled, model.manifest);
  const checkpoint = await openCheckpoint(model.checkpoint);
  const table = await checkpoint.weight('wte.weight');
  await checkpoint.close();
  const { width } = shape;
  const expected = new Float32Array(IDS.length * width);
  IDS.forEach((id, i) => {
    expected.set(table.subarray(id * width, (id + 1) * width), i * width);
  });
  return { rows: rows.lookUp(IDS), expected };
}

async function place() {
  const folder = await compiledRandom('q8');
  const manifest = await readManifest(folder);
  if (!manifest) throw new Error('It was not compiled.');
  return { folder, manifest, data: join(folder, 'onnx', 'model.onnx_data') };
}
