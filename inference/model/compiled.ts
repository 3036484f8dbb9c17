import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { forkChild } from '../child-process.ts';
import { asError } from '../errors.ts';
import { requireFiles } from '../graph/checkpoint.ts';
import { COMPILER_VERSION, readManifest } from '../graph/compile.ts';
import type { CompileOrder, CompileOutcome } from '../graph/compile-process.ts';
import type { Weights } from '../graph/weights.ts';
import { fingerprint } from './fingerprint.ts';

export interface CompileWatch {
  /** Called when it has to be compiled, which takes some seconds. */
  readonly onCompile?: (() => void) | undefined;
  /** Ends the compiler; what it has written is no use to anybody. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The folder of the compiled graph for a checkpoint, compiled now if it is not in the cache yet: in a process of its own,
 * which takes the compiler's memory with it when it ends.
 *
 * @throws InferenceError for a checkpoint that cannot be compiled or a cache that cannot be written; the signal's reason.
 */
export async function compiledModel(
  checkpointFolder: string,
  weights: Weights,
  cache: string,
  { onCompile, signal }: CompileWatch = {},
): Promise<string> {
  const compiled = join(cache, 'compiled');
  await requireFiles(checkpointFolder);
  const key = await fingerprint(checkpointFolder, compiled);
  const target = join(compiled, `${key}-${weights}-v${COMPILER_VERSION}`);
  if (await readManifest(target)) return target;
  signal?.throwIfAborted();
  onCompile?.();
  await compileInChild({ checkpointFolder, weights, target }, signal);
  return target;
}

/** A graph in the cache that was made of a checkpoint. */
export interface CompiledGraph {
  readonly weights: string;
  readonly folder: string;
  /** False for one that this version cannot use any more. */
  readonly current: boolean;
}

/** What was compiled of a checkpoint, also by other versions. */
export async function compiledOf(checkpointFolder: string, cache: string): Promise<readonly CompiledGraph[]> {
  const compiled = join(cache, 'compiled');
  const key = await fingerprint(checkpointFolder, compiled);
  const found: CompiledGraph[] = [];
  for (const name of await readdir(compiled).catch(() => [])) {
    const [, weights = ''] = new RegExp(`^${key}-([a-z0-9]+)-v\\d+$`).exec(name) ?? [];
    if (weights === '') continue;
    const folder = join(compiled, name);
    found.push({ weights, folder, current: (await readManifest(folder)) !== undefined });
  }
  return found;
}

async function compileInChild(order: CompileOrder, signal: AbortSignal | undefined): Promise<void> {
  const child = forkChild('./graph/compile-process.ts', 'serveCompiler');
  // It ends when its channel does.
  const giveUp = () => child.connected && child.disconnect();
  signal?.addEventListener('abort', giveUp, { once: true });
  const outcome = await new Promise<CompileOutcome>((resolve) => {
    let answer: CompileOutcome | undefined;
    child.on('message', (message) => {
      answer = message as CompileOutcome;
    });
    // Never started, or not to be reached any more.
    child.on('error', (error) => resolve(endedEarly(error.message)));
    child.on('exit', (code, signal) => {
      const end = () => resolve(answer ?? endedEarly(signal ?? `exit code ${code}`));
      // The process can be gone before its last message has been read.
      if (child.connected) child.once('disconnect', end);
      else end();
    });
    child.send(order, () => undefined);
  });
  signal?.removeEventListener('abort', giveUp);
  signal?.throwIfAborted();
  if (!outcome.done) throw asError(outcome);
}

function endedEarly(cause: string): CompileOutcome {
  const message = `The compiler's process ended early (${cause}). Is there enough memory? Start again.`;
  return { done: false, code: 'COMPILE_FAILED', message };
}
