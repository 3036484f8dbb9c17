import { expect, test } from 'vitest';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { answer, answerTo, type LogRecord, prepare, scene } from './parley.ts';

// Two programs with one token: Discord lets both in, and sends everything to both.

const warnings = (...logs: readonly (readonly LogRecord[])[]) =>
  logs.flat().filter(({ msg }) => msg.includes('same DISCORD_TOKEN'));

test('a second bot with the same token shows in commands that it has acknowledged first, and is warned of once', async () => {
  const first = await scene();
  const { discord, general, ada } = first;
  const second = await prepare({ joins: discord });
  await second.start();
  // Whoever is slower learns of it; of seven times one of them is so four times.
  for (let n = 0; n < 7; n += 1) {
    const used = ada.slash(general, 'ask', { question: `say: number ${n}` });
    await answerTo(discord, used);
  }
  await discord.waitFor(() => warnings(first.log, second.log).length > 0, { what: 'the warning' });
  expect(warnings(first.log).length).toBeLessThanOrEqual(1);
  expect(warnings(second.log).length).toBeLessThanOrEqual(1);
});

test('and in texts of its own messages that it has not written', async () => {
  const words = (name: string) =>
    new ScriptedEngine(async (reply) => {
      for (let n = 0; n < 40 && !reply.ended; n += 1) {
        reply.write(` ${name}${n}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      reply.end();
    });
  const first = await scene({ engine: words('red') });
  const { discord, general, ada } = first;
  const second = await prepare({ joins: discord, engine: words('blue') });
  await second.start();
  ada.says(general, 'Tell me a story.', { mention: true });
  await discord.waitFor(() => warnings(first.log, second.log).length > 0, { what: 'the warning' });
});

test('a bot that is alone takes its own edits for its own', async () => {
  const engine = new ScriptedEngine();
  const { discord, general, ada, log } = await scene({ engine });
  ada.says(general, 'Tell me a story.', { mention: true });
  const reply = await engine.next();
  for (let n = 0; n < 12; n += 1) {
    reply.write(` *word* ${n}\n\n`);
    await discord.waitFor(() => general.fromBot()[0]?.content.includes(` ${n}`));
  }
  reply.end();
  await answer(discord, general);
  expect(warnings(log)).toEqual([]);
});
