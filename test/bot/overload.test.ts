import { expect, onTestFinished, test } from 'vitest';
import { Bot } from '../../bot/bot.ts';
import { Gate } from '../../bot/gate.ts';
import type { Surroundings } from '../../bot/ports.ts';
import type { ChatRequest } from '../../bot/request.ts';
import type { TurnEvent } from '../../bot/turn-event.ts';
import { createLogger } from '../../config/logger.ts';
import { randomModelParts } from '../fixtures/random-engine.ts';
import { BOT, request } from './requests.ts';

const LIMITS = { openInAll: 12, openPerPerson: 4, waitingPerConversation: 3 };
const REFUSALS = ['TOO_BUSY', 'TOO_MANY_OPEN', 'TOO_MANY_WAITING'];
const ANY = { allow: [], deny: [] };

const NOTHING_SAID: Surroundings = {
  self: BOT,
  history: async () => [],
  attachment: async () => new Uint8Array(),
};

async function startBot(gate?: Gate) {
  const parts = await randomModelParts();
  // As the program sets it: the engine has room for all that the bot takes.
  const engine = parts.engine({ maxRows: 2, maxQueue: LIMITS.openInAll - 2 });
  onTestFinished(() => engine.close());
  const logger = createLogger({ level: 'silent', secrets: [], format: 'json' });
  return new Bot({ engine: Promise.resolve(engine), logger, limits: LIMITS, ...(gate && { gate }) });
}

const asked = (id: string, person: string, conversation: string): ChatRequest =>
  request({
    id,
    trigger: 'mention',
    text: 'write Once',
    author: { id: person, name: person },
    conversation: { platform: 'discord', id: conversation },
  });

test('of a flood everything is answered whole or told at once how long it takes, and nobody starves', async () => {
  const bot = await startBot();
  let open = 0;
  let most = 0;
  const ends: (readonly [person: string, end: TurnEvent])[] = [];
  const follow = async (person: string, id: string, conversation: string): Promise<TurnEvent> => {
    const turn = bot.handle(asked(id, person, conversation), NOTHING_SAID);
    if (!turn) throw new Error('not taken');
    if (!turn.refused) open += 1;
    most = Math.max(most, open);
    const seen: TurnEvent[] = [];
    for await (const event of turn.events) seen.push(event);
    if (!turn.refused) open -= 1;
    const last = seen.filter(({ type }) => type === 'final' || type === 'failed');
    expect(last, id).toEqual([seen.at(-1)]);
    const end = last[0]!;
    ends.push([person, end]);
    return end;
  };
  const flood: Promise<TurnEvent>[] = [];
  // One person asks in many conversations and never stops; others ask one after the other, and wait for their answers.
  for (let n = 0; n < 15; n += 1) {
    for (let m = 0; m < 20; m += 1) flood.push(follow('chatty', `c${n}/${m}`, `place ${(n + m) % 40}`));
    expect(await follow(`quiet ${n}`, `q${n}`, `corner ${n % 3}`)).toMatchObject({ type: 'final' });
  }
  await Promise.all(flood);

  const failed = ends.flatMap(([, end]) => (end.type === 'failed' ? [end] : []));
  for (const { code, message } of failed) {
    expect(REFUSALS).toContain(code);
    expect(message).toMatch(/Ask again in about \d+ (?:s|min)\.$/);
  }
  expect(most).toBeLessThanOrEqual(LIMITS.openInAll);
  expect(open).toBe(0);
  const answered = (who: RegExp) => ends.filter(([person, { type }]) => who.test(person) && type === 'final');
  expect(answered(/chatty/).length).toBeGreaterThanOrEqual(LIMITS.openPerPerson);
  expect(answered(/quiet/)).toHaveLength(15);
}, 60_000);

test('a person who is refused aloud is told once a minute: a flood of refusals would be another flood', async () => {
  const clock = { now: () => 0, after: () => () => undefined };
  const rules = { workspaces: ANY, channels: ANY, roles: ANY, users: ANY, directMessages: true };
  const bot = await startBot(new Gate({ rules: { discord: rules }, requestsPerMinute: 0, clock }));
  const turns = Array.from({ length: 50 }, (_, n) =>
    bot.handle(
      { ...asked(`m${n}`, 'chatty', `place ${n}`), origin: { direct: false, channels: [], roles: [] } },
      NOTHING_SAID,
    ),
  );
  const taken = turns.filter((turn) => turn && !turn.refused);
  expect(taken).toHaveLength(LIMITS.openPerPerson);
  expect(turns.filter((turn) => turn?.refused)).toHaveLength(1);
  expect(turns.filter((turn) => turn === undefined)).toHaveLength(50 - LIMITS.openPerPerson - 1);
  await bot.close();
});
