import type { Engine, Milliseconds } from '../engine/engine.ts';
import { InferenceError } from '../errors.ts';
import { cutToFit } from './budget.ts';
import { SUMMARY, washText } from './delimiters.ts';
import { duration, flawNote, onlyOnePart, onlyParts, partsToRead, stoppedInParts } from './notes.ts';
import { cutIntoParts } from './parts.ts';
import { furtherSeed } from './seeds.ts';
import { measuredSpeed } from './speed.ts';
import { Tally } from './tally.ts';
import type { Budget, Decoding } from './task.ts';
import type { RunOptions, TaskEvent, TaskPrompt } from './task-event.ts';
import { tryTwice, type Written } from './write-answer.ts';

export interface PartsPlan {
  readonly mostParts: number;
  /** Of the summary of everything; a part's may be shorter. */
  readonly decoding: Decoding;
  readonly budget: Budget;
}

type Events = AsyncGenerator<TaskEvent, void, undefined>;

/**
 * Sums up a text that is too long for one prompt: part by part, unseen but for the progress, and then the summaries of
 * the parts together. When somebody stops it, or nothing comes of the last step, the summaries of the parts are what
 * there is.
 */
export async function* summarizeParts(
  source: string,
  { mostParts, decoding, budget }: PartsPlan,
  engine: Engine,
  options: RunOptions,
  signal?: AbortSignal,
): Events {
  const now = options.now ?? (() => performance.now());
  const { conversation, seed } = options;
  const { form: _, ...asked } = decoding;
  const tally = new Tally(now, { ...asked, conversation, ...(seed !== undefined && { seed }) });
  const markTokens = await engine.count(`\n\n${SUMMARY}`);
  const limits = { tokens: Math.max(1, budget.promptTokens - markTokens), parts: mostParts };
  const { parts, share } = await cutIntoParts(source, limits, engine);
  const ofPart = partDecoding(decoding, parts.length, limits.tokens);
  const work = workFor(parts.length, limits.tokens, ofPart, decoding);
  const expected = await estimate(work, parts[0] ?? '', engine, options, signal);
  yield { type: 'note', text: partsToRead(parts.length, share, expected) };
  const began = now();
  const progress = (text: string, done: number): TaskEvent =>
    remaining(text, done === 0 ? expected : ((now() - began) / done) * (parts.length + 1 - done));

  const summaries: string[] = [];
  let read = 0;
  try {
    for (const [i, part] of parts.entries()) {
      if (signal?.aborted) break;
      const current = progress(`part ${i + 1} of ${parts.length}`, i);
      yield current;
      const prompt = await partPrompt(part, ofPart, budget);
      read = i + 1;
      if (!prompt) continue;
      const step = { ...options, ...seedOf(tally, 2 * i) };
      const { text, result } = yield* unseen(tryTwice(prompt, engine, step, signal), current);
      tally.add(result);
      // Half a summary of a part, where somebody stopped it, is none; nor is one without a word.
      if (result.reason === 'aborted') read = i;
      else if (/\p{L}/u.test(text)) summaries.push(text);
    }
  } catch (error) {
    // Whatever went wrong is told behind what there is.
    if (summaries.length > 0) yield { type: 'delta', text: joined(summaries), tokens: [], written: '' };
    throw error;
  }

  const together = signal?.aborted || summaries.length < 2 ? undefined : summaries.join('\n');
  const prompt = together && (await partPrompt(together, decoding, budget));
  if (prompt) {
    yield progress(`all ${parts.length} parts together`, parts.length);
    const step = { ...options, ...seedOf(tally, 2 * parts.length) };
    const steps = summaries.length;
    const last = yield* shown(tryTwice({ ...prompt, steps }, engine, step, signal), tally);
    tally.add(last.result);
    if (last.text !== '') {
      const { text, written, flaw, result } = last;
      if (flaw && result.reason !== 'aborted') yield { type: 'note', text: flawNote(flaw) };
      yield { type: 'final', text, written, result: tally.result(result.reason, result.contextFull) };
      return;
    }
  }
  yield* whatThereIs(summaries, { read, of: parts.length }, tally, signal?.aborted === true);
}

/** The summaries of the parts, as they are. */
async function* whatThereIs(
  summaries: readonly string[],
  parts: { readonly read: number; readonly of: number },
  tally: Tally,
  stopped: boolean,
): Events {
  const text = joined(summaries);
  if (stopped && text !== '') yield { type: 'note', text: stoppedInParts(parts.read, parts.of) };
  else if (!stopped && summaries.length > 1) yield { type: 'note', text: onlyParts() };
  else if (!stopped && text !== '' && parts.of > 1) yield { type: 'note', text: onlyOnePart(parts.of) };
  else if (!stopped && text === '') yield { type: 'note', text: flawNote('empty') };
  tally.show();
  if (text !== '') yield { type: 'delta', text, tokens: [], written: '' };
  yield { type: 'final', text, written: text, result: tally.result(stopped ? 'aborted' : 'stop') };
}

function joined(summaries: readonly string[]): string {
  return summaries.join('\n\n');
}

/** Of a step that nobody sees, only where it stands in the queue, and at the head of it what is worked on again. */
async function* unseen(
  step: AsyncGenerator<TaskEvent, Written>,
  progress: TaskEvent,
): AsyncGenerator<TaskEvent, Written> {
  for (;;) {
    const next = await step.next();
    if (next.done) return next.value;
    if (next.value.type === 'queued') yield next.value.place > 0 ? next.value : progress;
  }
}

async function* shown(
  step: AsyncGenerator<TaskEvent, Written>,
  tally: Tally,
): AsyncGenerator<TaskEvent, Written> {
  for (;;) {
    const next = await step.next();
    if (next.done) return next.value;
    if (next.value.type === 'delta') tally.show();
    yield next.value;
  }
}

/** A part's summary is so short that all of them together fit into the last prompt. */
function partDecoding(decoding: Decoding, parts: number, tokens: number): Decoding {
  const most = Math.floor(tokens / parts) - 1;
  return { ...decoding, maxNewTokens: Math.max(1, Math.min(decoding.maxNewTokens, most)) };
}

/** Undefined where there is nothing in it to sum up: one grapheme that takes more tokens than the model reads. */
async function partPrompt(part: string, decoding: Decoding, budget: Budget): Promise<TaskPrompt | undefined> {
  try {
    const { text, tokens } = await cutToFit(washText(part), (kept) => `${kept}\n\n${SUMMARY}`, {
      keep: 'start',
      wash: washText,
      limit: budget.promptTokens,
      budget,
    });
    return { text, tokens, decoding };
  } catch (error) {
    if (error instanceof InferenceError && error.code === 'PROMPT_TOO_LONG') return undefined;
    throw error;
  }
}

/** Every step draws from a sequence of its own, all of them from the request's. */
function seedOf({ seed }: Tally, step: number) {
  return seed === undefined ? {} : { seed: furtherSeed(seed, step) };
}

function remaining(text: string, remainingMs: Milliseconds | undefined): TaskEvent {
  if (remainingMs === undefined) return { type: 'progress', text };
  return { type: 'progress', text: `${text}, ${duration(remainingMs)} left`, remainingMs };
}

interface Work {
  readonly read: number;
  readonly written: number;
}

/** At most. */
function workFor(parts: number, tokens: number, ofPart: Decoding, decoding: Decoding): Work {
  return {
    read: parts * (tokens + ofPart.maxNewTokens),
    written: parts * ofPart.maxNewTokens + decoding.maxNewTokens,
  };
}

async function estimate(
  { read, written }: Work,
  example: string,
  engine: Engine,
  options: RunOptions,
  signal: AbortSignal | undefined,
): Promise<Milliseconds | undefined> {
  const speed = await measuredSpeed(example, engine, options.conversation, signal);
  const time = 1000 * (read / speed.promptTokensPerSecond + written / speed.tokensPerSecond);
  return Number.isFinite(time) ? time : undefined;
}
