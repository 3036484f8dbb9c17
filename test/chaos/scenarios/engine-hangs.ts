import type { Arena } from '../arena.ts';
import type { Scenario } from '../scenario.ts';

/** The shortest that the setting takes. */
const HANG_SECONDS = '5';

export const engineHangs: Scenario = {
  name: 'engine hangs',
  done: 'The engine is stopped (`SIGSTOP`) in mid-reply, and never goes on.',
  promised: 'It is noticed, and another engine goes on: every answer is whole, and comes once.',
  async run(arena, { rounds }) {
    await arena.startBot({ env: { ENGINE_HANG_SECONDS: HANG_SECONDS } });
    arena.crowd.begin(arena.places);
    for (let round = 0; round < rounds; round += 1) await stopEngine(arena);
    await arena.crowd.end();
    return { 'engines that hung': rounds };
  },
};

async function stopEngine(arena: Arena): Promise<void> {
  const { bot } = arena;
  const engine = await bot.engine();
  await arena.midReply();
  const before = bot.times("the model's process is back");
  process.kill(engine, 'SIGSTOP');
  await arena.until(() => bot.times("the model's process is back") > before, 'another engine');
}
