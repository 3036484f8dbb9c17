import { availableParallelism } from 'node:os';
import { GraphRunner } from '../engine/graph-runner.ts';
import { type CompiledModel, MODEL_NAME, readManifest } from '../graph/compile.ts';
import { integerSumsOverflow } from './integer-sums.ts';
import { openSession, type RuntimeSession, unusable } from './runtime-session.ts';
import { TokenRows } from './token-rows.ts';

export interface OpenGraph {
  readonly manifest: CompiledModel;
  readonly runner: GraphRunner;
  dispose(): Promise<void>;
}

/**
 * Loads a compiled folder's graph.
 *
 * @param threads Threads that compute one step; 0 leaves the choice to the runtime (one a core).
 * @param profilePrefix Where the runtime is to write down how long each node takes, if it is: the beginning of the file's path.
 * @throws InferenceError `ENGINE_FAILED` when the folder is not what the compiler wrote.
 */
export async function openGraph(folder: string, threads: number, profilePrefix?: string): Promise<OpenGraph> {
  const manifest = await readManifest(folder);
  if (!manifest) throw unusable(folder, 'it holds no compiled model of this version.');
  // Asked for only where it is needed: where integers have instructions of their own, the exact way takes twice as long.
  const exactSums = manifest.weights === 'q8' && (await integerSumsOverflow(folder));
  const session = await openSession(folder, MODEL_NAME, { threads, exactSums, profilePrefix });
  const rows = await rowsBeside(session, folder, manifest);
  const runner = new GraphRunner(
    {
      run: (feeds) => session.run(feeds),
      float: (values, dims) => session.tensor('float32', values, dims),
      cached: (values, dims) => session.tensor(manifest.cache, values, dims),
      integers: (values) => session.tensor('int32', values, [values.length]),
      sizes: (values) => session.tensor('int64', values, [values.length]),
    },
    rows,
    { ...manifest.shape, cache: manifest.cache, threads: threads || availableParallelism() },
  );
  return {
    manifest,
    runner,
    dispose: async () => {
      try {
        rows.close();
      } finally {
        await session.dispose();
      }
    },
  };
}

/** Opened last, because the runtime cannot tell that it lacked an open file from a file that is damaged. */
async function rowsBeside(
  session: RuntimeSession,
  folder: string,
  manifest: CompiledModel,
): Promise<TokenRows> {
  try {
    return new TokenRows(folder, manifest);
  } catch (error) {
    await session.dispose();
    throw error;
  }
}
