import type { Engine, GenerateResult, Sampling, TokenId } from '../engine/engine.ts';
import { AnswerStream } from './answer.ts';
import type { Flaw } from './flawed.ts';
import { flawNote } from './notes.ts';
import { furtherSeed } from './seeds.ts';
import type { RunOptions, TaskEvent, TaskPrompt } from './task-event.ts';

/** What a prompt came to. */
export interface Written {
  /** Empty when it is no good. */
  readonly text: string;
  readonly written: string;
  readonly flaw: Flaw | undefined;
  readonly result: GenerateResult;
}

/** For a second answer where the first was the likeliest: close to it, since a fact is not improved by chance. */
const DRAWN: Sampling = {
  temperature: 0.7,
  topK: 40,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  noRepeatNgram: 0,
};

/** A prompt's answer as it grows, tried twice if need be, and at its end what is wrong with it, if anything. */
export async function* writeAnswer(
  prompt: TaskPrompt,
  engine: Engine,
  options: RunOptions,
  signal?: AbortSignal,
): AsyncGenerator<TaskEvent, void, undefined> {
  const { text, written, flaw, result } = yield* tryTwice(prompt, engine, options, signal);
  if (flaw && result.reason !== 'aborted') yield { type: 'note', text: flawNote(flaw) };
  yield { type: 'final', text, written, result };
}

/**
 * A prompt's answer as it grows. When it turns out empty, or to be only the question again, which both are known before
 * anything of it is shown, it is written once more with another seed. An answer that goes in circles ends before them.
 */
export async function* tryTwice(
  prompt: TaskPrompt,
  engine: Engine,
  options: RunOptions,
  signal?: AbortSignal,
): AsyncGenerator<TaskEvent, Written, undefined> {
  const asked = options.draw ? drawn(prompt) : prompt;
  const first = yield* tryOnce(asked, engine, options, signal);
  if (first.text !== '' || first.result.reason === 'aborted' || signal?.aborted) return first;
  const { interrupted: _, ...again } = { ...options, seed: furtherSeed(first.result.seed, 1) };
  const second = yield* tryOnce(drawn(prompt), engine, again, signal);
  return { ...second, result: behind(first.result, second.result) };
}

async function* tryOnce(
  prompt: TaskPrompt,
  engine: Engine,
  { conversation, seed, interrupted }: RunOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<TaskEvent, Written, undefined> {
  const seeded = seed === undefined ? {} : { seed };
  yield { type: 'prompt', ...prompt, ...seeded };

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
    { ...decoding, conversation, ...seeded, ...(interrupted && { shown: interrupted.tokens }) },
    signal ? AbortSignal.any([signal, enough.signal]) : enough.signal,
  );
  try {
    for await (const chunk of chunks) {
      if (chunk.type === 'queued') {
        yield chunk;
      } else if (chunk.type === 'end') {
        const ended = answer.done;
        const text = answer.end(chunk.result.reason);
        if (text !== '') yield { type: 'delta', text, tokens, written };
        const result: GenerateResult = {
          ...chunk.result,
          ...(ended && { reason: 'stop', contextFull: false }),
        };
        return { text: answer.text, written: answer.written, flaw: answer.flaw, result };
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
  throw new Error('The engine ended a text without saying so.');
}

/** Greedy decoding would write the same again. */
function drawn(prompt: TaskPrompt): TaskPrompt {
  const { decoding } = prompt;
  if (decoding.sampling.temperature > 0) return prompt;
  const { repetitionPenalty, noRepeatNgram } = decoding.sampling;
  const sampling = { ...DRAWN, repetitionPenalty, noRepeatNgram };
  return { ...prompt, decoding: { ...decoding, sampling } };
}

/** The times as people had them, who waited for the first answer as well, and the seed from which both come. */
function behind(first: GenerateResult, second: GenerateResult): GenerateResult {
  return {
    ...second,
    seed: first.seed,
    queuedMs: first.queuedMs + second.queuedMs,
    firstTokenMs: first.totalMs + second.firstTokenMs,
    totalMs: first.totalMs + second.totalMs,
  };
}
