import type { Milliseconds, Sampling } from '../../../inference/engine/engine.ts';

/** What chat replies are sampled with. */
export const BENCH_SAMPLING: Sampling = {
  temperature: 0.8,
  topK: 40,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1.1,
  noRepeatNgram: 0,
};

/** Chats that begin at once, each with a prompt that nobody has had before, and write on to the end. */
export interface Work {
  readonly chats: number;
  readonly promptTokens: number;
  readonly newTokens: number;
  /** Makes the prompts of one round unlike those of another. */
  readonly round: number;
}

export interface Outcome {
  /** Of each chat, from the beginning of all; in any order. */
  readonly firstTokenMs: readonly Milliseconds[];
  /** Of each chat, behind its first token. */
  readonly tokensPerSecond: readonly number[];
  /** Until the last chat has ended. */
  readonly totalMs: Milliseconds;
}

/** A way to run GPT-2, with its weights loaded. It computes only while it is asked to. */
export interface Contestant {
  readonly name: string;
  /** Whether it can do several chats at once. */
  readonly serves: boolean;
  run(work: Work): Promise<Outcome>;
  close(): Promise<void>;
}

/** Token ids of one chat's prompt, different from the first token on. */
export function promptIds({ promptTokens, round }: Work, chat: number): number[] {
  return Array.from({ length: promptTokens }, (_, i) => (round * 131 + chat * 17 + i * 37 + 1) % 5000);
}
