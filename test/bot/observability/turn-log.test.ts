import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EngineService } from '../../../inference/service.ts';
import { answer } from '../../adapters/discord/parley.ts';
import { complete } from '../../adapters/slack/waiting.ts';
import { type BothPlatforms, type LogRecord, serveBoth } from '../../fixtures/both-platforms.ts';
import { starterService } from '../../fixtures/starter-service.ts';

// Whole turns on both platforms, on the real engine in its process: what the log says about each from its arrival to
// its final edit.

let engine: EngineService;

beforeAll(async () => {
  engine = await starterService();
});

afterAll(() => engine.close());

/** What is logged while `ask` is answered. */
async function logOf(
  ask: (both: BothPlatforms) => Promise<unknown>,
): Promise<{ readonly records: readonly LogRecord[]; readonly done: LogRecord }> {
  const both = await serveBoth(Promise.resolve(engine));
  onTestFinished(() => both.stop());
  const before = both.log.length;
  await ask(both);
  await expect.poll(() => both.log.some(({ msg }) => msg === 'done'), { timeout: 20_000 }).toBe(true);
  const records = both.log.slice(before);
  const end = records.findIndex(({ msg }) => msg === 'done');
  return { records: records.slice(0, end + 1), done: records[end]! };
}

const onDiscord = async ({ discord }: BothPlatforms) => {
  const guild = discord.guild({ name: 'Reading Club' });
  const general = guild.channel({ name: 'general' });
  guild.person({ name: 'Ada' }).says(general, 'write The Glacier of the North', { mention: true });
  await answer(discord, general);
};

const onSlack = async ({ slack }: BothPlatforms) => {
  const general = slack.workspace.channel('general');
  slack.workspace.user('ann').says(general, 'write The Glacier of the North', { mention: true });
  await slack.waitFor(() => complete(general.answers()[0]), { what: 'the complete answer' });
};

describe.each([
  ['discord', onDiscord],
  ['slack', onSlack],
] as const)('a turn on %s', (platform, ask) => {
  test('can be followed by its id from arrival to final edit', async () => {
    const { records, done } = await logOf(ask);
    const steps = records.map(({ msg }) => msg);
    const firsts = ['arrived', 'routed', 'first token', 'posted', 'edited', 'done'].map((step) =>
      steps.indexOf(step),
    );
    expect(firsts).not.toContain(-1);
    expect(firsts).toEqual(firsts.toSorted((one, other) => one - other));
    expect(steps.indexOf('ended')).toBeGreaterThan(steps.indexOf('first token'));
    expect(done.turn).toMatch(new RegExp(`^${platform}:\\S+/\\S+$`, 'u'));
    // Nothing else goes on: each line is about this turn, and says so.
    expect(records.filter(({ turn }) => turn !== done.turn)).toEqual([]);
  });

  test('ends in one line with how long it took and how many tokens', async () => {
    const { records, done } = await logOf(ask);
    expect(records.filter(({ level }) => level === 'info')).toEqual([done]);
    expect(done).toMatchObject({
      platform,
      task: 'write',
      outcome: 'answered',
      shown: 'whole',
      messages: 1,
      limited: 0,
      newTokens: expect.toSatisfy((tokens: number) => tokens > 0),
      promptTokens: expect.toSatisfy((tokens: number) => tokens > 0),
    });
    const { firstTokenMs, firstMessageMs, totalMs } = done as unknown as Record<string, number>;
    expect([firstTokenMs, firstMessageMs, totalMs]).toEqual(
      [firstTokenMs, firstMessageMs, totalMs].toSorted((one, other) => one! - other!),
    );
  });

  test('keeps its id in what is logged about troubles', async () => {
    const { records, done } = await logOf(async (both) => {
      if (platform === 'discord')
        both.discord.failNext('POST /channels/:channel/messages', { cut: 'before' });
      else both.slack.failNext('chat.postMessage', { kind: 'status', status: 500 });
      await ask(both);
    });
    const trouble = records.filter(({ msg }) => msg === 'not shown');
    expect(trouble).toMatchObject([{ turn: done.turn, code: 'OUTLET_FAILED' }]);
  });

  test('says nothing of what was written', async () => {
    const { records } = await logOf(ask);
    expect(JSON.stringify(records)).not.toMatch(/glacier/iu);
  });
});

describe('a request that is not answered', () => {
  async function endOf(both: BothPlatforms): Promise<LogRecord> {
    await expect.poll(() => both.log.some(({ msg }) => msg === 'done'), { timeout: 20_000 }).toBe(true);
    return both.log.find(({ msg }) => msg === 'done')!;
  }

  test.each([
    ['because there is nothing to repeat', 'again', [], 'NOTHING_BEFORE'],
    [
      'because its file is a picture',
      'summarize',
      [{ name: 'cat.png', content: Buffer.of(0, 1, 2) }],
      'BINARY',
    ],
  ])('%s is refused, with its code', async (_, text, files, code) => {
    const both = await serveBoth(Promise.resolve(engine));
    onTestFinished(() => both.stop());
    both.slack.workspace.user('ann').dm(text, { files });
    expect(await endOf(both)).toMatchObject({ outcome: 'refused', code, shown: 'whole' });
  });

  test('because the engine is gone has failed', async () => {
    const own = await starterService();
    const both = await serveBoth(Promise.resolve(own));
    onTestFinished(() => both.stop());
    await own.close();
    both.slack.workspace.user('ann').dm('What is a tide?');
    expect(await endOf(both)).toMatchObject({ outcome: 'failed', code: 'ENGINE_CLOSED' });
  });
});
