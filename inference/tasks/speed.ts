import type { Engine, EngineStats } from '../engine/engine.ts';

export type Speed = Pick<EngineStats, 'promptTokensPerSecond' | 'tokensPerSecond'>;

/** Characters of the trial's prompt: a piece of it that the engine computes in one go. */
const TRIAL_CHARACTERS = 400;
/** Drawn in a trial; the first one tells nothing about the next. */
const TRIAL_TOKENS = 6;

/**
 * How fast the model reads and writes: as the engine has measured it lately; where it has not read anything yet, as a
 * short trial shows.
 */
export async function measuredSpeed(
  example: string,
  engine: Engine,
  conversation: string,
  signal?: AbortSignal,
): Promise<Speed> {
  const known = await engine.stats();
  if (known.promptTokensPerSecond > 0 && known.tokensPerSecond > 0) return known;
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 };
  const options = { sampling, maxNewTokens: TRIAL_TOKENS, stop: [], conversation };
  for await (const _ of engine.generate(example.slice(0, TRIAL_CHARACTERS), options, signal));
  return engine.stats();
}
