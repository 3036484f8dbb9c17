import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { EngineStats } from '../../inference/engine/engine.ts';
import { dataFileOf, MODEL_NAME } from '../../inference/graph/compile.ts';
import { parameterCount } from '../../inference/graph/shape.ts';
import { WEIGHTS, type Weights } from '../../inference/graph/weights.ts';
import { compiledModel } from '../../inference/model/compiled.ts';
import { startEngine } from '../../inference/service.ts';
import { GPT2_SMALL, type RandomCheckpoint, writeRandomCheckpoint } from '../fixtures/random-checkpoint.ts';
import { STARTER_SIZES } from '../fixtures/starter-sizes.ts';
import { BENCH_SAMPLING } from './contestants/contestant.ts';
import { matrixBytes } from './matrix-bytes.ts';

const USAGE = `npm run sizes -- [--weights ${WEIGHTS.join('|')}] [NAME …]

Compiles and runs GPT-2's sizes with random weights (small, medium, large, xl; all by default), and holds the memory that they
take against the arithmetic. A checkpoint of xl and what is compiled of it take 5 GB of disk for a while.`;

const SIZES: Readonly<Record<string, RandomCheckpoint>> = {
  small: GPT2_SMALL,
  medium: { ...GPT2_SMALL, layers: 24, heads: 16, width: 1024 },
  large: { ...GPT2_SMALL, layers: 36, heads: 20, width: 1280 },
  xl: { ...GPT2_SMALL, layers: 48, heads: 25, width: 1600 },
};
/** Of a model that is next to nothing: what remains is the process itself. */
const TINY: RandomCheckpoint = {
  layers: 1,
  heads: 2,
  width: 32,
  positions: 1024,
  vocabulary: STARTER_SIZES.vocabulary,
};

const MB = 2 ** 20;
const LIMITS = { maxRows: 1, maxQueue: 4, kvBytes: 4096 * MB, prefixBytes: 0 };

const { values, positionals } = parseArgs({
  options: { weights: { type: 'string', default: 'q8' }, help: { type: 'boolean' } },
  allowPositionals: true,
});
const weights = WEIGHTS.find((name) => name === values.weights);
if (values.help || !weights || positionals.some((name) => !(name in SIZES))) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
const base = (await measure(TINY, weights)).memory;
console.log(`the process with next to no model: ${base.toFixed(0)} MB\n`);
console.log(
  `| size, ${weights} | parameters | compiled, on disk | compiling | loading | memory | by arithmetic | decode |`,
);
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const name of positionals.length > 0 ? positionals : Object.keys(SIZES)) {
  const size = SIZES[name];
  if (!size) continue;
  const { shape, disk, compileMs, loadMs, memory, tokensPerSecond } = await measure(size, weights);
  const cells = [
    name,
    `${(parameterCount(shape) / 1e6).toFixed(0)} M`,
    `${disk.toFixed(0)} MB`,
    `${(compileMs / 1000).toFixed(0)} s`,
    `${(loadMs / 1000).toFixed(1)} s`,
    `${memory.toFixed(0)} MB`,
    `${(base + matrixBytes(shape, weights) / MB).toFixed(0)} MB`,
    `${tokensPerSecond.toFixed(1)} tok/s`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

async function measure(size: RandomCheckpoint, kind: Weights) {
  const folder = await mkdtemp(join(tmpdir(), 'parley-sizes-'));
  try {
    const checkpoint = join(folder, 'checkpoint');
    const cache = join(folder, 'cache');
    const shape = await writeRandomCheckpoint(checkpoint, { ...size, type: 'F16' });
    const beganCompile = performance.now();
    const compiled = await compiledModel(checkpoint, kind, cache);
    const beganLoad = performance.now();
    const engine = await startEngine({ model: checkpoint, cache, weights: kind, threads: 0, limits: LIMITS });
    const loaded = performance.now();
    try {
      let tokensPerSecond = 0;
      const prompt = 'the bot answers people on the machine it runs on, '.repeat(4);
      const options = { sampling: BENCH_SAMPLING, maxNewTokens: 24, stop: [], conversation: 'a', seed: 1 };
      for await (const chunk of engine.generate(prompt, options))
        if (chunk.type === 'end') tokensPerSecond = chunk.result.tokensPerSecond;
      return {
        shape,
        disk: (await stat(join(compiled, 'onnx', dataFileOf(MODEL_NAME)))).size / MB,
        compileMs: beganLoad - beganCompile,
        loadMs: loaded - beganLoad,
        memory: withoutCache(await engine.stats()),
        tokensPerSecond,
      };
    } finally {
      await engine.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function withoutCache({ memoryBytes, kvPeakBytes, prefixBytes }: EngineStats): number {
  return (memoryBytes - kvPeakBytes - prefixBytes) / MB;
}
