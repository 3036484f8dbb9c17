import { basename } from 'node:path';
import { GraphRunner, type GraphSession, type GraphTensor } from '../engine/graph-runner.ts';
import { InferenceError } from '../errors.ts';
import { type CompiledModel, readManifest } from '../graph/compile.ts';

export interface OpenGraph {
  readonly manifest: CompiledModel;
  readonly runner: GraphRunner;
  dispose(): Promise<void>;
}

/**
 * Loads a compiled folder's graph through transformers.js.
 *
 * @param threads Threads that compute one step; 0 leaves the choice to the runtime (one a core).
 * @param profilePrefix Where the runtime is to write down how long each node takes, if it is: the beginning of the file's path.
 * @throws InferenceError `ENGINE_FAILED` when the folder is not what the compiler wrote.
 */
export async function openGraph(folder: string, threads: number, profilePrefix?: string): Promise<OpenGraph> {
  const manifest = await readManifest(folder);
  if (!manifest) throw unusable(folder, 'it holds no compiled model of this version.');
  // Imported here and not above: in the engine's process the TypeScript loader is gone by now and leaves the library alone.
  const { AutoModelForCausalLM, env, Tensor } = await import('@xenova/transformers');
  env.allowRemoteModels = false;

  // The file is `onnx/model.onnx` whatever its weights are: "fp32" is the library's word for "take that name as it is".
  const options = {
    dtype: 'fp32',
    local_files_only: true,
    // Memory patterns are kept for every shape that occurs, and here nearly every step has another one.
    // Errors come as exceptions; written to standard error too, they would land in the middle of somebody's terminal.
    // Processors without VNNI would let sums of signed products overflow; this takes their slower, exact way (others ignore it).
    session_options: {
      intraOpNumThreads: threads,
      enableMemPattern: false,
      logSeverityLevel: 4,
      extra: { session: { x64quantprecision: '1' } },
      ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
    },
  } as const;
  const model = await AutoModelForCausalLM.from_pretrained(folder, options).catch((cause: Error) => {
    throw unusable(folder, cause.message);
  });
  const session = model.sessions.model as RuntimeSession;
  const typed: GraphSession = {
    run: (feeds) => session.run(feeds),
    float: (values, dims) => new Tensor('float32', values, [...dims]).ort_tensor,
    cached: (values, dims) => new Tensor(manifest.cache, values, [...dims]).ort_tensor,
    integers: (values) => new Tensor('int32', values, [values.length]).ort_tensor,
    sizes: (values) => new Tensor('int64', values, [values.length]).ort_tensor,
  };
  return {
    manifest,
    runner: new GraphRunner(typed, { ...manifest.shape, cache: manifest.cache }),
    dispose: async () => {
      await model.dispose();
    },
  };
}

/** onnxruntime's session, which the library hands out untyped. */
interface RuntimeSession {
  run(feeds: Readonly<Record<string, GraphTensor>>): Promise<Readonly<Record<string, GraphTensor>>>;
}

function unusable(folder: string, why: string): InferenceError {
  return new InferenceError(
    'ENGINE_FAILED',
    `The compiled model ${basename(folder)} cannot be loaded: ${why} Remove the folder ${folder} and start again.`,
  );
}
