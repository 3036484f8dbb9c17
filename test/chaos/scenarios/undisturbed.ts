import type { Scenario } from '../scenario.ts';

export const undisturbed: Scenario = {
  name: 'undisturbed',
  done: 'Nothing: people ask on both platforms at once.',
  promised: 'Every request is answered, with the words that the model writes when it is asked alone.',
  async run(arena, { turns }) {
    await arena.startBot();
    await arena.asks(turns);
    return {};
  },
};
