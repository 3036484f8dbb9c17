import * as files from 'node:fs';
import { truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { TokenId } from '../../../inference/engine/engine.ts';
import { openCheckpoint } from '../../../inference/graph/checkpoint.ts';
import { type CompiledModel, readManifest } from '../../../inference/graph/compile.ts';
import { BLOCK } from '../../../inference/graph/quantize.ts';
import { openGraph } from '../../../inference/model/open-graph.ts';
import { TokenRows } from '../../../inference/model/token-rows.ts';
import { compiledRandom } from '../../fixtures/compiled-random.ts';
import { randomModel } from '../../fixtures/random-model.ts';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof files>();
  return { ...real, openSync: vi.fn(real.openSync), closeSync: vi.fn(real.closeSync) };
});

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
});

describe('The table of a folder', () => {
  it.each([
    ['that is gone', (data: string) => unlink(data), /ENOENT/],
    ['that lost its end', (data: string) => truncate(data, 4096), /not as long as it was/],
  ])('%s is refused, with what to do', async (_, damage, reason) => {
    const { folder, manifest, data } = await place();
    await damage(data);
    expect(() => new TokenRows(folder, manifest)).toThrow(
      expect.objectContaining({ code: 'ENGINE_FAILED', message: expect.stringMatching(reason) }),
    );
    expect(() => new TokenRows(folder, manifest)).toThrow(/Remove the folder .* and start again/);
  });

  it('that loses its end while it is read says so, instead of giving the rows that were read before', async () => {
    const { folder, manifest, data } = await place();
    const rows = new TokenRows(folder, manifest);
    onTestFinished(() => rows.close());
    rows.lookUp([0]);
    await truncate(data, manifest.tokens.offset + 10);
    expect(() => rows.lookUp([0])).toThrow(/not as long as it was/);
  });

  it('that cannot be opened for want of an open file is not to be removed', async () => {
    const { folder, manifest } = await place();
    const shortage = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    vi.mocked(files.openSync).mockImplementationOnce(() => {
      throw shortage;
    });
    expect(() => new TokenRows(folder, manifest)).toThrow(shortage);
  });

  it('is closed when the graph beside it cannot be loaded', async () => {
    const { folder } = await place();
    await writeFile(join(folder, 'onnx', 'model.onnx'), 'no graph');
    vi.mocked(files.openSync).mockClear();
    vi.mocked(files.closeSync).mockClear();
    await expect(openGraph(folder, 1)).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    const opened = vi.mocked(files.openSync).mock.results.map(({ value }) => [value]);
    expect(opened).toHaveLength(1);
    expect(vi.mocked(files.closeSync).mock.calls).toEqual(opened);
  });
});

/** What the compiled folder gives for `IDS`, and what stands in the checkpoint. */
async function lookedUp(weights: CompiledModel['weights'], shape: typeof SHAPE) {
  const model = await randomModel(shape, weights);
  onTestFinished(() => model.dispose());
  const rows = new TokenRows(model.compiled, model.manifest);
  onTestFinished(() => rows.close());
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
