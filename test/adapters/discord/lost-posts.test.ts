import { describe, expect, test } from 'vitest';
import type { Controls } from '../../../bot/ports.ts';
import type { Address, ReplyTarget } from '../../../bot/request.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { prepare, scene } from './parley.ts';

// A post that was carried out, and whose answer got lost: people must not read it twice.

const FOLLOW_UP = 'POST /webhooks/:application/:token';
const MINUTE = 60_000;
const WAVES = Array.from({ length: 90 }, (_, nth) => `Wave ${nth} came from ${nth} miles away.`);

/** Writes more than fits into one message. */
const talkative = () => new ScriptedEngine((reply) => reply.write(` ${WAVES.join(' ')}`).end());

/** The messages of the answer, once nothing more is going to be posted. */
async function whole({ discord, general, delivery }: Awaited<ReturnType<typeof scene>>): Promise<string[]> {
  await discord.waitFor(() => general.fromBot().some(({ buttons }) => buttons.length === 4));
  await expect.poll(() => delivery.running, { timeout: 10_000 }).toBe(0);
  return general.fromBot().map(({ content }) => content);
}

describe('a further message of the answer to a command', () => {
  test.each([
    ['its answer is lost', { cut: 'after' }],
    [
      'its answer is lost with the connection, where discord.js would try again',
      { cut: 'after', reset: true },
    ],
    ['an error is all that is heard of it', { status: 502, applied: true }],
    ['nobody can look for it at first', { cut: 'after' }, { status: 500, times: 4 }],
  ] as const)('comes once, though %s', async (_, fault, looking?: { status: number; times: number }) => {
    const there = await scene({ engine: talkative() });
    const { discord, general, ada } = there;
    discord.failNext(FOLLOW_UP, fault);
    if (looking) discord.failNext('GET /channels/:channel/messages', looking);
    ada.slash(general, 'ask', { question: 'Which waves?' });
    const pages = await whole(there);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.join(' ')).toBe(WAVES.join(' '));
  });

  test('is posted again where it has not arrived', async () => {
    const there = await scene({ engine: talkative() });
    there.discord.failNext(FOLLOW_UP, { cut: 'before' });
    there.ada.slash(there.general, 'ask', { question: 'Which waves?' });
    expect((await whole(there)).join(' ')).toBe(WAVES.join(' '));
  });

  test('is found after a restart, beside those that are known', async () => {
    const first = await scene({ engine: talkative() });
    const { discord, general, ada } = first;
    const used = ada.slash(general, 'ask', { question: 'Which waves?' });
    await discord.waitFor(() => general.fromBot().some(({ buttons }) => buttons.length === 4));
    await first.adapter.stop();
    const [known, lost] = general.fromBot();
    const second = await prepare({ joins: discord });
    await second.start();
    const address: Address = {
      by: 'interaction',
      channel: general.id,
      application: new URL(second.adapter.invite).searchParams.get('client_id') ?? '',
      interaction: used.id,
      token: used.token,
      privately: false,
      deferred: true,
    };
    const where = { conversation: { platform: 'discord', id: `${general.id}/${used.id}` }, address } as const;
    second.adapter.remember([{ ...where, id: known!.id }]);
    const place = { turn: 'discord:of-nobody', index: 1, since: discord.clock.now() };
    const posted = await second.adapter.post(where, 'Other words.', { state: 'none' }, place);
    expect(posted).toMatchObject({ id: lost!.id, address });
  });
});

describe('a message that an earlier process posted without noting it', () => {
  const RUNNING: Controls = { state: 'running', turn: 'discord:c1/m1' };
  const PLACE = { turn: 'discord:c1/m1', index: 0 };

  test('is found by its button after Discord has forgotten its nonce, however much was said since', async () => {
    const { discord, general, adapter, bob } = await scene();
    const where: ReplyTarget = { conversation: { platform: 'discord', id: general.id } };
    const since = discord.clock.now();
    const posted = await adapter.post(where, 'Thinking …', RUNNING, PLACE);
    for (let nth = 0; nth < 150; nth++) bob.says(general, `Wave ${nth}`);
    await adapter.stop();
    discord.clock.advance(14 * MINUTE);
    const second = await prepare({ joins: discord });
    await second.start();
    const found = await second.adapter.post(where, 'The sea', RUNNING, { ...PLACE, since });
    expect(found.id).toBe(posted.id);
    await second.adapter.edit(found, 'The sea that breathes.', { state: 'none' });
    expect(general.fromBot().map(({ content }) => content)).toEqual(['The sea that breathes.']);
  });

  test('is not mistaken for one that another reply is known to have posted, or that says that it is of another', async () => {
    const { discord, general, adapter } = await scene();
    const where: ReplyTarget = { conversation: { platform: 'discord', id: general.id } };
    const since = discord.clock.now();
    const known = await adapter.post(where, 'The first page', RUNNING, PLACE);
    const other = { state: 'running', turn: 'discord:c1/m2' } as const;
    await adapter.post(where, 'Another answer', other, { turn: 'discord:c1/m2', index: 0 });
    await adapter.stop();
    discord.clock.advance(14 * MINUTE);
    const second = await prepare({ joins: discord });
    await second.start();
    second.adapter.remember([known]);
    await second.adapter.post(where, 'The second page', RUNNING, { ...PLACE, index: 1, since });
    expect(general.fromBot().map(({ content }) => content)).toEqual([
      'The first page',
      'Another answer',
      'The second page',
    ]);
  });
});
