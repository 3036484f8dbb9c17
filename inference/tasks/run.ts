import type { Engine, GenerateResult, Milliseconds, Seed, TokenId } from '../engine/engine.ts';
import { AnswerStream } from './answer.ts';
import type { Decoding, Prompt, Task, TaskInput } from './task.ts';

/** A prompt with the decoding settled: with the seed, all that it takes to write the same answer again. */
export type TaskPrompt = Prompt & { readonly decoding: Decoding };

/**
 * `prompt`: once, before the model is asked, so that a journal can record it. `queued`: where the request stands while
 * it waits. `delta`: what to show next, never empty, with the tokens drawn since the last delta and what the model
 * wrote in them (which may hold echoes and text not shown yet). `final`: once, last; `text` is all deltas joined, the
 * part shown before an interruption included, and empty when the model had nothing to say.
 */
export type TaskEvent =
  | ({ readonly type: 'prompt' } & TaskPrompt)
  | { readonly type: 'queued'; readonly place: number; readonly estimatedWaitMs: Milliseconds }
  | {
      readonly type: 'delta';
      readonly text: string;
      readonly tokens: readonly TokenId[];
      readonly written: string;
    }
  | { readonly type: 'final'; readonly text: string; readonly result: GenerateResult };

/** A turn that was interrupted, to go on where people saw it end: its `prompt` event, and its `delta`s joined. */
export interface Interrupted {
  readonly prompt: TaskPrompt;
  readonly text: string;
  readonly tokens: readonly TokenId[];
  readonly written: string;
}

export interface RunOptions {
  /** Requests of one conversation wait in order. */
  readonly conversation: string;
  /** Drawn by the engine when absent; a turn that shall survive an interruption brings its own. */
  readonly seed?: Seed;
  /** Instead of the task's. */
  readonly maxNewTokens?: number;
  /** Takes the place of the input: the prompt is not written again, and deltas bring only what is new. */
  readonly interrupted?: Interrupted;
}

/**
 * At most this share of the context is kept free for the answer, so that a short context, or a wish for a long answer,
 * leaves the prompt room to be about something. An answer may go on into whatever the prompt did not use.
 */
const ANSWER_SHARE = 1 / 4;

/** Tokens a prompt may have beside its answer, and beside the end-of-text that the engine puts in front. */
export function promptTokens(contextLength: number, maxNewTokens: number): number {
  return contextLength - 1 - Math.min(maxNewTokens, Math.floor(contextLength * ANSWER_SHARE));
}

/**
 * One request through one task: prompt, continuation, answer. Ends the engine's work as soon as the answer's form is
 * full (reason `stop`) or the caller stops reading.
 *
 * @throws TaskInputError before the first event, with words for the person.
 * @throws InferenceError as `Engine.generate` and `Task.prompt` do.
 */
export async function* runTask(
  task: Task,
  input: TaskInput,
  engine: Engine,
  options: RunOptions,
  signal?: AbortSignal,
): AsyncGenerator<TaskEvent, void, undefined> {
  const { conversation, seed, interrupted } = options;
  const prompt = interrupted?.prompt ?? (await writePrompt(task, input, engine, options.maxNewTokens));
  yield { type: 'prompt', ...prompt };

  const { form, ...decoding } = prompt.decoding;
  const answer = new AnswerStream(
    form,
    interrupted && { written: interrupted.written, shown: interrupted.text },
  );
  const room = Math.min(decoding.maxNewTokens, engine.model.contextLength - 1 - prompt.tokens);
  let drawn = interrupted?.tokens.length ?? 0;
  let tokens: TokenId[] = [];
  let written = '';

  const enough = new AbortController();
  if (answer.done) enough.abort();
  const chunks = engine.generate(
    prompt.text,
    {
      ...decoding,
      conversation,
      ...(seed !== undefined && { seed }),
      ...(interrupted && { shown: interrupted.tokens }),
    },
    signal ? AbortSignal.any([signal, enough.signal]) : enough.signal,
  );
  try {
    for await (const chunk of chunks) {
      if (chunk.type === 'queued') {
        yield chunk;
      } else if (chunk.type === 'end') {
        const full = answer.done;
        const text = answer.end(chunk.result.reason);
        if (text !== '') yield { type: 'delta', text, tokens, written };
        const result: GenerateResult = {
          ...chunk.result,
          ...(full && { reason: 'stop', contextFull: false }),
        };
        yield { type: 'final', text: answer.text, result };
      } else if (!answer.done) {
        drawn += chunk.tokens.length;
        tokens.push(...chunk.tokens);
        written += chunk.text;
        const text = answer.push(chunk.text, room - drawn);
        if (answer.done) enough.abort();
        if (text === '') continue;
        yield { type: 'delta', text, tokens, written };
        tokens = [];
        written = '';
      }
    }
  } finally {
    enough.abort();
  }
}

async function writePrompt(
  task: Task,
  input: TaskInput,
  engine: Engine,
  maxNewTokens: number | undefined,
): Promise<TaskPrompt> {
  const { contextLength } = engine.model;
  const prompt = await task.prompt(input, {
    tokens: engine,
    promptTokens: promptTokens(contextLength, maxNewTokens ?? task.maxNewTokens),
  });
  const { sampling, stop, form, maxNewTokens: usual } = prompt.decoding ?? task;
  return { ...prompt, decoding: { sampling, stop, form, maxNewTokens: maxNewTokens ?? usual } };
}
