import { shuffled } from '../../fakes/slack/random.ts';
import type { Arena } from '../arena.ts';
import type { Scenario } from '../scenario.ts';

const BACK = "the model's process is back";

export const killed: Scenario = {
  name: 'killed',
  done: 'The engine and the bot are killed (`SIGKILL`) in mid-reply, in turns that the seed decides; a killed bot is started again.',
  promised:
    'Every answer is whole, comes once, and has the words that it would have had; no word that was seen is taken back.',
  async run(arena, { engineKills, botKills }) {
    await arena.startBot();
    arena.crowd.begin(arena.places);
    const victims = shuffled(
      [...Array<'engine'>(engineKills).fill('engine'), ...Array<'bot'>(botKills).fill('bot')],
      arena.random,
    );
    let underWay = 0;
    for (const victim of victims) {
      if (victim === 'engine') underWay += await killEngine(arena);
      else {
        underWay += await arena.killBotMidReply();
        await arena.startBot();
      }
    }
    await arena.crowd.end();
    return {
      'kills of the engine': engineKills,
      'kills of the bot': botKills,
      'replies under way at a kill': underWay,
    };
  },
};

/** Resolves when another one has taken its place. @returns how many replies were under way. */
export async function killEngine(arena: Arena): Promise<number> {
  const { bot } = arena;
  const engine = await bot.engine();
  const before = bot.times(BACK);
  const underWay = await arena.midReply();
  process.kill(engine, 'SIGKILL');
  await arena.until(() => bot.times(BACK) > before, 'another engine');
  return underWay;
}
