import type { Engine } from '../../../inference/engine/engine.ts';
import { write } from '../generating.ts';
import { promptOf } from '../prompts.ts';
import type { Contestant, Outcome, Work } from './contestant.ts';

/** Parley's own engine, by its own contract: text in, chunks out. */
export function parleyContestant(name: string, engine: Engine): Contestant {
  const run = async (work: Work): Promise<Outcome> => {
    const { chats, promptTokens, newTokens, round } = work;
    // Written before the clock starts, as the others' prompts are.
    const prompts = await Promise.all(
      Array.from({ length: chats }, (_, chat) =>
        promptOf(engine, promptTokens, `${chats} times ${promptTokens}, ${round}, ${chat}`),
      ),
    );
    const began = performance.now();
    const results = await Promise.all(
      prompts.map((prompt, seed) =>
        write(engine, prompt, { maxNewTokens: newTokens, conversation: `${seed}`, seed }),
      ),
    );
    const totalMs = performance.now() - began;
    if (results.some((result) => result.promptTokens !== promptTokens || result.newTokens !== newTokens))
      throw new Error(`${name} did other work than was asked for.`);
    return {
      firstTokenMs: results.map(({ firstTokenMs }) => firstTokenMs),
      tokensPerSecond: results.map(({ tokensPerSecond }) => tokensPerSecond),
      totalMs,
    };
  };
  return { name, serves: true, run, close: () => engine.close() };
}
