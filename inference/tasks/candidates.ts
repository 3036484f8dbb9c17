import type { Engine, GenerateResult, Seed } from '../engine/engine.ts';
import { InferenceError } from '../errors.ts';
import type { GapContext } from './gap.ts';
import { furtherSeed } from './seeds.ts';
import type { Tally } from './tally.ts';
import type { Decoding } from './task.ts';
import type { RunOptions, TaskEvent } from './task-event.ts';

/** Wide, so that the samples differ; what is no good among them the ranking finds out. */
export const CANDIDATE_DECODING: Decoding = {
  sampling: { temperature: 1, topK: 40, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 },
  // Four words of one or two tokens.
  maxNewTokens: 8,
  stop: ['\n'],
  form: {},
};

/** Each gives up to four candidates, many of which several give. */
const SAMPLES = 16;
/** At the same time: a few rows of the engine's batch, and not all of its queue. */
const AT_ONCE = 4;
const MOST_WORDS = 4;
/** Candidates are ranked one by one; the ones sampled most often come first. */
const MOST_CANDIDATES = 32;

/** What belongs to the sentence around a word and not to the word. */
const TRAILING = /[.,;:!?…"'”’»)\]]+$/u;
const SENTENCE_OVER = /[.;:!?…]["'”’»)\]]*$/u;
const SPOKEN = /[\p{L}\p{N}]/u;

/**
 * What the model would write at a gap, going by the text before it: some words each, none twice, the ones it would write
 * most often first.
 */
export async function* sampleCandidates(
  { left, joint }: GapContext,
  engine: Engine,
  options: RunOptions,
  tally: Tally,
  signal?: AbortSignal,
): AsyncGenerator<TaskEvent, readonly string[], undefined> {
  const { form: _, ...decoding } = CANDIDATE_DECODING;
  const { conversation } = options;
  const frequency = new Map<string, number>();
  const sample = (seed: Seed | undefined) =>
    engine.generate(left, { ...decoding, conversation, ...(seed !== undefined && { seed }) }, signal);
  const take = (text: string, result: GenerateResult) => {
    tally.add(result);
    if (result.reason === 'aborted') return;
    for (const candidate of candidatesIn(text, joint, result.reason === 'length')) {
      frequency.set(candidate, (frequency.get(candidate) ?? 0) + 1);
    }
  };

  // The first one alone, for it tells the place in the queue and, where the request has none, the seed.
  let text = '';
  for await (const chunk of sample(options.seed)) {
    if (chunk.type === 'queued') yield chunk;
    else if (chunk.type === 'text') text += chunk.text;
    else take(text, chunk.result);
  }
  let next = 1;
  const seed = tally.seed ?? 0;
  const work = async () => {
    while (next < SAMPLES && !signal?.aborted) {
      const one = await whole(sample(furtherSeed(seed, next++)));
      if (!one) return;
      take(one.text, one.result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...frequency]
    .sort(([a, often], [b, oftener]) => oftener - often || (a < b ? -1 : 1))
    .slice(0, MOST_CANDIDATES)
    .map(([candidate]) => candidate);
}

/** Undefined when the engine is so busy that the samples there are must do. */
async function whole(sample: ReturnType<Engine['generate']>) {
  let text = '';
  try {
    for await (const chunk of sample) {
      if (chunk.type === 'text') text += chunk.text;
      else if (chunk.type === 'end') return { text, result: chunk.result };
    }
  } catch (error) {
    if (!(error instanceof InferenceError && error.code === 'QUEUE_FULL')) throw error;
  }
  return undefined;
}

/**
 * The first words of a sample, one, two, and so on.
 *
 * @param broken the sample's last word may be half a word.
 */
function candidatesIn(sample: string, joint: string, broken: boolean): readonly string[] {
  const [begin = ''] = /^\s*/u.exec(sample) ?? [];
  // Words of its own come behind a blank, the rest of a word that stands before the gap does not.
  if ((joint === '') !== (begin === '')) return [];
  const words = sample.trim().split(/\s+/u);
  if (broken) words.pop();
  const over = words.findIndex((word) => SENTENCE_OVER.test(word));
  const usable = words.slice(0, Math.min(over === -1 ? words.length : over + 1, MOST_WORDS));
  return usable
    .map((_, i) =>
      usable
        .slice(0, i + 1)
        .join(' ')
        .replace(TRAILING, ''),
    )
    .filter((candidate) => SPOKEN.test(candidate));
}
