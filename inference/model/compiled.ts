import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { forkChild } from '../child-process.ts';
import { InferenceError, type InferenceErrorCode } from '../errors.ts';
import { CHECKPOINT_FILES } from '../graph/checkpoint.ts';
import { COMPILER_VERSION, readManifest } from '../graph/compile.ts';
import type { CompileOrder, CompileOutcome } from '../graph/compile-process.ts';
import type { Weights } from '../graph/gpt2.ts';
import { fingerprint } from './fingerprint.ts';

/**
 * The folder of the compiled graph for a checkpoint, compiled now if it is not in the cache yet: in a process of its own,
 * which takes the compiler's memory with it when it ends.
 *
 * @throws InferenceError for a checkpoint that cannot be compiled or a cache that cannot be written.
 */
export async function compiledModel(
  checkpointFolder: string,
  weights: Weights,
  cache: string,
): Promise<string> {
  const compiled = join(cache, 'compiled');
  const present = await Promise.all(
    CHECKPOINT_FILES.map((name) =>
      stat(join(checkpointFolder, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  // An incomplete folder has no fingerprint; the compiler says what is missing.
  const key = present.every(Boolean) ? await fingerprint(checkpointFolder, compiled) : 'incomplete';
  const target = join(compiled, `${key}-${weights}-v${COMPILER_VERSION}`);
  if (!(await readManifest(target))) await compileInChild({ checkpointFolder, weights, target });
  return target;
}

async function compileInChild(order: CompileOrder): Promise<void> {
  const child = forkChild('./graph/compile-process.ts', 'serveCompiler');
  const exited = once(child, 'exit').then(([code, signal]): CompileOutcome => {
    const message = `The compiler's process ended early (${signal ?? `exit code ${code}`}). Is there enough memory? Start again.`;
    return { done: false, code: 'COMPILE_FAILED', message };
  });
  const answered = once(child, 'message').then(([outcome]) => outcome as CompileOutcome);
  child.send(order);
  const outcome = await Promise.race([answered, exited]);
  await exited;
  if (!outcome.done) throw new InferenceError(outcome.code as InferenceErrorCode, outcome.message);
}
