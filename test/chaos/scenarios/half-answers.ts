import { type Trouble, troubled } from '../platform-faults.ts';
import type { Scenario } from '../scenario.ts';

export const HALF_ANSWERS: Trouble = {
  discord: () => [
    { cut: 'before' },
    { cut: 'after' },
    { cut: 'middle' },
    { cut: 'after', reset: true },
    { cut: 'middle', reset: true },
  ],
  slack: [
    { kind: 'cut', when: 'before' },
    { kind: 'cut', when: 'after' },
    { kind: 'cut', when: 'mid-answer' },
  ],
};

export const halfAnswers: Scenario = {
  name: 'half answers',
  done: 'Connections to both platforms end before a call, after it, and in the middle of its answer.',
  promised: 'What has arrived is found again: nothing is lost, and nothing is posted twice.',
  async run(arena, { turns }) {
    await arena.startBot();
    const cut = await troubled(arena, turns, HALF_ANSWERS);
    return { 'cut calls': cut };
  },
};
