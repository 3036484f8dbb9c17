import type { EngineModel } from '../engine/engine.ts';
import type { GraphRunner } from '../engine/graph-runner.ts';
import { loadTokenizer, type Tokenizer } from '../engine/tokenizer.ts';
import { openGraph } from './open-graph.ts';

export interface LoadedModel {
  readonly model: EngineModel;
  readonly runner: GraphRunner;
  readonly tokenizer: Tokenizer;
  dispose(): Promise<void>;
}

/**
 * Loads a compiled folder: its graph and its tokenizer.
 *
 * @throws InferenceError `ENGINE_FAILED` when the folder is not what the compiler wrote.
 */
export async function loadModel(folder: string, name: string, threads: number): Promise<LoadedModel> {
  const { manifest, runner, dispose } = await openGraph(folder, threads);
  const { shape, weights, parameters } = manifest;
  const tokenizer = await loadTokenizer(folder, shape.endOfText).catch(async (error: Error) => {
    await dispose();
    throw error;
  });
  return {
    model: { name, parameters, weights, contextLength: shape.positions, vocabularySize: shape.vocabulary },
    runner,
    tokenizer,
    dispose,
  };
}
