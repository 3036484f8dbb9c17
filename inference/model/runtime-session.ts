import { basename } from 'node:path';
import type { GraphTensor } from '../engine/graph-runner.ts';
import { InferenceError } from '../errors.ts';

type ElementType = 'float32' | 'float16' | 'int32' | 'int64' | 'uint8';
type Elements = Float32Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array;

/** One graph of a compiled folder, ready to run. */
export interface RuntimeSession {
  run(feeds: Readonly<Record<string, GraphTensor>>): Promise<Readonly<Record<string, GraphTensor>>>;
  tensor(type: ElementType, values: Elements, dims: readonly number[]): GraphTensor;
  dispose(): Promise<void>;
}

export interface SessionOptions {
  /** Threads that compute one step; 0 leaves the choice to the runtime (one a core). */
  readonly threads: number;
  /** Products of integers whose sums of two would overflow 16 bits are computed in a slower way, which does not. */
  readonly exactSums: boolean;
  /** Where the runtime is to write down how long each node takes, if it is: the beginning of the file's path. */
  readonly profilePrefix?: string | undefined;
}

/**
 * Loads `onnx/GRAPH.onnx` of a compiled folder through transformers.js.
 *
 * @throws InferenceError `ENGINE_FAILED` when it is not what the compiler wrote.
 */
export async function openSession(
  folder: string,
  graph: string,
  { threads, exactSums, profilePrefix }: SessionOptions,
): Promise<RuntimeSession> {
  // Imported here and not above: in the engine's process the TypeScript loader is gone by now and leaves the library alone.
  const { AutoModelForCausalLM, env, Tensor } = await import('@xenova/transformers');
  env.allowRemoteModels = false;
  const model = await AutoModelForCausalLM.from_pretrained(folder, {
    // Whatever the weights are: "fp32" is the library's word for "take that name as it is".
    dtype: 'fp32',
    model_file_name: graph,
    local_files_only: true,
    session_options: {
      intraOpNumThreads: threads,
      // Memory patterns are kept for every shape that occurs, and here nearly every step has another one.
      enableMemPattern: false,
      // Errors come as exceptions; written to standard error too, they would land in the middle of somebody's terminal.
      logSeverityLevel: 4,
      ...(exactSums ? { extra: { session: { x64quantprecision: '1' } } } : {}),
      ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
    },
  }).catch((cause: Error) => {
    throw unusable(folder, cause.message);
  });
  // The library hands it out untyped.
  const session = model.sessions.model as Pick<RuntimeSession, 'run'>;
  return {
    run: (feeds) => session.run(feeds),
    tensor: (type, values, dims) => new Tensor(type, values, [...dims]).ort_tensor,
    dispose: async () => {
      await model.dispose();
    },
  };
}

export function unusable(folder: string, why: string): InferenceError {
  return new InferenceError(
    'ENGINE_FAILED',
    `The compiled model ${basename(folder)} cannot be used: ${why} Remove the folder ${folder} and start again.`,
  );
}
