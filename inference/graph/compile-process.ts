import { InferenceError } from '../errors.ts';
import { compile } from './compile.ts';
import type { Weights } from './weights.ts';

/** What the parent sends, once. */
export interface CompileOrder {
  readonly checkpointFolder: string;
  readonly weights: Weights;
  readonly target: string;
}

/** What it gets back, once; the process ends afterwards and all of the compiler's memory with it. */
export type CompileOutcome =
  | { readonly done: true }
  | { readonly done: false; readonly code: string; readonly message: string };

export function serveCompiler(): void {
  // Ctrl-C reaches the whole process group; the parent decides what it means.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => process.exit(0));
  process.once('message', async (order: CompileOrder) => {
    const outcome = await compile(order.checkpointFolder, order.weights, order.target).then(
      (): CompileOutcome => ({ done: true }),
      (error: Error): CompileOutcome => ({
        done: false,
        code: error instanceof InferenceError ? error.code : 'COMPILE_FAILED',
        message: error.message,
      }),
    );
    process.send?.(outcome, () => process.exit(0));
  });
}
