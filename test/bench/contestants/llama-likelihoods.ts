import type { TokenId } from '../../../inference/engine/engine.ts';
import { loadLlamaModel } from './node-llama-cpp.ts';

/**
 * What llama.cpp makes of texts: the logarithm of the likelihood of each token behind a text's first one.
 *
 * @param path A GGUF file.
 * @param texts Each of at most `contextSize` tokens.
 */
export async function llamaLikelihoods(
  path: string,
  texts: readonly (readonly TokenId[])[],
  contextSize: number,
): Promise<number[][]> {
  const model = await loadLlamaModel(path);
  try {
    const context = await model.createContext({ sequences: 1, contextSize, threads: 1 });
    const sequence = context.getSequence();
    const all: number[][] = [];
    for (const ids of texts) {
      await sequence.clearHistory();
      const asked = ids.slice(0, -1).map((id) => [id, { generateNext: { probabilities: true } }] as const);
      const answers = await sequence.controlledEvaluate(asked);
      all.push(
        answers.map((answer, i) =>
          Math.log(answer?.next?.probabilities?.get(ids[i + 1] ?? -1) ?? Number.NaN),
        ),
      );
    }
    return all;
  } finally {
    await model.dispose();
  }
}
