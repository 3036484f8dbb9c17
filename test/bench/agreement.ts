import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../inference/service.ts';
import { writeRandomCheckpoint } from '../fixtures/random-checkpoint.ts';
import type { GgmlType } from './contestants/gguf/gguf-file.ts';
import { writeGpt2Gguf } from './contestants/gguf/gpt2-gguf.ts';
import { hasLlama, loadLlamaModel } from './contestants/node-llama-cpp.ts';
import type { Figure } from './figure.ts';

const MB = 2 ** 20;
const SIZES = { layers: 6, heads: 8, width: 256, positions: 256, vocabulary: 6144 };
const LIMITS = { maxRows: 1, maxQueue: 8, kvBytes: 64 * MB };
/** In sentences that the starter's vocabulary cuts into many different tokens. */
const TEXT = `A tide is the rise and fall of the sea, caused by the Moon and the Sun. On most shores there are two
high tides a day; where and when they come depends on the shape of the coast (and of the sea bed). Sailors read
tables: "07:14, 4.3 m" means that a ship of 4 m draught may pass at a quarter past seven, if she is quick.`;

/**
 * Whether llama.cpp computes the same model from the file that the bench writes: the largest difference between its
 * log-probabilities of a text's tokens and Parley's at full precision, on one small checkpoint.
 */
export async function benchAgreement(log: (line: string) => void): Promise<readonly Figure[]> {
  if (!hasLlama()) {
    log('node-llama-cpp is not installed: nothing to agree with.');
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), 'parley-agreement-'));
  try {
    const model = join(folder, 'checkpoint');
    const { endOfText } = await writeRandomCheckpoint(model, SIZES);
    const engine = await startEngine({ model, cache: folder, weights: 'fp32', threads: 0, limits: LIMITS });
    const [score] = await engine.score('', [TEXT], 'agreement');
    await engine.close();
    const tokens = score?.tokens ?? [];
    const figures: Figure[] = [];
    for (const type of ['F32', 'F16', 'Q8_0', 'Q4_0'] as const) {
      log(`Asking llama.cpp, ${type} …`);
      const theirs = await logProbabilities(model, folder, type, [endOfText, ...tokens]);
      const differences = theirs.map((value, i) =>
        Math.abs(value - (score?.logProbabilities[i] ?? Number.NaN)),
      );
      figures.push({
        what: `log-probabilities of ${tokens.length} tokens: largest difference from llama.cpp, ${type}`,
        unit: 'nats',
        value: Math.max(...differences),
      });
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of each token behind the first one. */
async function logProbabilities(
  checkpoint: string,
  folder: string,
  type: GgmlType,
  ids: readonly number[],
): Promise<number[]> {
  const path = join(folder, `${type}.gguf`);
  await writeGpt2Gguf(checkpoint, path, type);
  const model = await loadLlamaModel(path);
  const context = await model.createContext({ sequences: 1, contextSize: SIZES.positions, threads: 1 });
  const sequence = context.getSequence();
  const asked = ids.slice(0, -1).map((id) => [id, { generateNext: { probabilities: true } }] as const);
  const answers = await sequence.controlledEvaluate(asked);
  return answers.map((answer, i) =>
    Math.log(answer?.next?.probabilities?.get(ids[i + 1] ?? -1) ?? Number.NaN),
  );
}
