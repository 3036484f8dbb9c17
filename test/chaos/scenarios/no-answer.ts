import { troubled } from '../platform-faults.ts';
import type { Scenario } from '../scenario.ts';
import { pause } from '../until.ts';

/** Longer than the bot waits for a call (ten seconds). */
const SILENCE_MS = 12_000;

export const noAnswer: Scenario = {
  name: 'no answer',
  done: 'Both platforms carry calls out and say nothing for twelve seconds, which is longer than the bot waits.',
  promised: 'It asks again with newer text: every answer is whole, and comes once.',
  async run(arena, { rounds }) {
    await arena.startBot();
    const silent = await troubled(arena, 2 * rounds, {
      discord: () => [{ until: pause(SILENCE_MS) }],
      slack: [{ kind: 'slow', milliseconds: SILENCE_MS }],
    });
    return { 'calls without an answer': silent };
  },
};
