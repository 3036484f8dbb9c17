import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateModel } from '../../inference/model/locate.ts';
import { startEngine } from '../../inference/service.ts';
import { heldOutText } from '../eval/data.ts';
import { writeRandomCheckpoint } from '../fixtures/random-checkpoint.ts';
import { STARTER_SIZES } from '../fixtures/starter-sizes.ts';
import { starterTokenizer } from '../fixtures/starter-tokenizer.ts';
import { perplexityHigher } from './closeness.ts';
import type { GgmlType } from './contestants/gguf/gguf-file.ts';
import { writeGpt2Gguf } from './contestants/gguf/gpt2-gguf.ts';
import { llamaLikelihoods } from './contestants/llama-likelihoods.ts';
import { hasLlama } from './contestants/node-llama-cpp.ts';
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
 * log-probabilities of a text's tokens and Parley's at full precision, on one small checkpoint. And what its kinds of weights
 * lose, without which their speed says little.
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
      const path = join(folder, `${type}.gguf`);
      await writeGpt2Gguf(model, path, type);
      const [theirs = []] = await llamaLikelihoods(path, [[endOfText, ...tokens]], SIZES.positions);
      const differences = theirs.map((value, i) =>
        Math.abs(value - (score?.logProbabilities[i] ?? Number.NaN)),
      );
      figures.push({
        what: `log-probabilities of ${tokens.length} tokens: largest difference from llama.cpp, ${type}`,
        unit: 'nats',
        value: Math.max(...differences),
      });
    }
    return [...figures, ...(await perplexityLost(folder, log))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Begun at places of the held-out texts that are equally far apart. */
const WINDOWS = 12;
const WINDOW_TOKENS = 512;

/** How much higher llama.cpp's kinds of weights make the starter's perplexity, on texts that it was not trained on. */
async function perplexityLost(folder: string, log: (line: string) => void): Promise<readonly Figure[]> {
  const starter = locateModel('starter').folder;
  const ids = (await starterTokenizer()).encode(heldOutText());
  const apart = Math.floor((ids.length - WINDOW_TOKENS) / (WINDOWS - 1));
  const windows = Array.from({ length: WINDOWS }, (_, i) => [
    STARTER_SIZES.endOfText,
    ...ids.slice(i * apart, i * apart + WINDOW_TOKENS - 1),
  ]);
  const likelihoods = async (type: GgmlType) => {
    log(`Reading with the starter, ${type} …`);
    const path = join(folder, `starter-${type}.gguf`);
    await writeGpt2Gguf(starter, path, type);
    return llamaLikelihoods(path, windows, WINDOW_TOKENS);
  };
  const original = await likelihoods('F16');
  const figures: Figure[] = [];
  for (const type of ['Q8_0', 'Q4_0'] as const) {
    const { percent, error = 0 } = perplexityHigher(original, await likelihoods(type));
    figures.push({
      what: `perplexity of the starter in llama.cpp, ${type}: higher than at F16 by (± ${error.toFixed(2)} %)`,
      unit: '%',
      value: percent,
    });
  }
  return figures;
}
