/**
 * What the bench uses of node-llama-cpp. It is no dependency: where it is installed beside the project it is measured, and
 * where it is not these types stand in for its own.
 */
interface NodeLlamaCpp {
  getLlama(options: Readonly<Record<string, unknown>>): Promise<Llama>;
}

interface Llama {
  loadModel(options: { readonly modelPath: string; readonly gpuLayers: number }): Promise<LlamaModel>;
}

export interface LlamaModel {
  createContext(options: {
    readonly sequences: number;
    readonly contextSize: number;
    readonly threads: number;
  }): Promise<LlamaContext>;
  /** Its contexts too. */
  dispose(): Promise<void>;
}

export interface LlamaContext {
  getSequence(): LlamaSequence;
}

export interface LlamaSequence {
  clearHistory(): Promise<void>;
  evaluate(
    tokens: readonly number[],
    options: Readonly<Record<string, unknown>>,
  ): AsyncGenerator<number, void, void>;
  controlledEvaluate(
    input: readonly (number | readonly [number, Readonly<Record<string, unknown>>])[],
  ): Promise<
    readonly ({ readonly next?: { readonly probabilities?: ReadonlyMap<number, number> } } | undefined)[]
  >;
}

const NAME = 'node-llama-cpp';

/** Whether it is installed beside the project. */
export function hasLlama(): boolean {
  try {
    import.meta.resolve(NAME);
    return true;
  } catch {
    return false;
  }
}

/** Its prebuilt binary for this processor; nothing is fetched and nothing is built. */
export async function loadLlamaModel(modelPath: string): Promise<LlamaModel> {
  const { getLlama }: NodeLlamaCpp = await import(NAME);
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    // As many threads as each context asks for.
    maxThreads: 0,
    logLevel: 'error',
  });
  return llama.loadModel({ modelPath, gpuLayers: 0 });
}
