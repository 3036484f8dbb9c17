import { beforeAll, describe, expect, it } from 'vitest';
import type { Tokens } from '../../../inference/engine/engine.ts';
import { InferenceError } from '../../../inference/errors.ts';
import { runTask } from '../../../inference/tasks/run.ts';
import type { TaskInput } from '../../../inference/tasks/task.ts';
import { tasks } from '../../../inference/tasks/tasks.ts';
import { collect, finalOf, joined, ofType, type Script, scriptedModel } from './scripted-model.ts';
import { starterTokens } from './starter-tokens.ts';

let tokens: Tokens;
beforeAll(async () => {
  tokens = await starterTokens();
});

async function done(task: 'fill' | 'choose', input: TaskInput, script: Partial<Script> = {}) {
  const model = scriptedModel(tokens, { says: ' fox.', ...script });
  const events = await collect(runTask(tasks[task], input, model.engine, { conversation: 'c', seed: 7 }));
  const final = finalOf(events);
  expect(joined(ofType(events, 'delta'))).toBe(final.text);
  return { ...model, final, notes: ofType(events, 'note').map(({ text }) => text) };
}

/** One sample after the other. */
const samples =
  (...texts: readonly string[]) =>
  (_: unknown, nth: number) =>
    texts[nth % texts.length] ?? '';

describe('fill', () => {
  const text = 'The quick brown ___ jumps over the dog.';

  it('shows the text with the likeliest filling emphasised', async () => {
    const likelihood = (_: string, continuation: string) => (continuation.startsWith(' fox jumps') ? -5 : -9);
    const { final, notes } = await done(
      'fill',
      { text },
      { says: samples(' cat.', ' fox.', ' dog.'), likelihood },
    );
    expect(final.text).toBe('The quick brown **fox** jumps over the dog.');
    expect(final.result).toMatchObject({ reason: 'stop', seed: 7 });
    expect(notes).toEqual([]);
  });

  it('ranks by what follows as well: what comes first to mind need not be it', async () => {
    const says = samples(' day.', ' day.', ' day.', ' rabbit.');
    const likelihood = (_: string, continuation: string) =>
      continuation.startsWith(' rabbit jumps') ? -4 : -10;
    expect((await done('fill', { text }, { says, likelihood })).final.text).toContain('**rabbit**');
  });

  it('tries words alone and together, each once, without the marks behind them', async () => {
    const { scored } = await done(
      'fill',
      { text },
      { says: samples(' red fox, "the small" one', ' red fox!', '') },
    );
    expect(scored.flatMap(({ continuations }) => continuations)).toEqual(
      [' red', ' red fox', ' red fox, "the', ' red fox, "the small'].map(
        (words) => `${words} jumps over the dog.`,
      ),
    );
  });

  it('takes samples with seeds of their own, several in one go', async () => {
    const { asked } = await done('fill', { text });
    expect(asked).toHaveLength(16);
    expect(asked[0]?.options.seed).toBe(7);
    expect(new Set(asked.map(({ options }) => options.seed)).size).toBe(16);
  });

  it.each([
    ['behind a bracket, without a blank', 'He said (___) and left.', 'quietly. Yes', '**quietly**'],
    ['within a word', 'un___able', 'think. Yes', 'un**think**able'],
    ['at the beginning', '___ is red.', 'Fire.', '**Fire** is red.'],
    ['on a line of its own', 'My list:\n___', 'Bread.', 'My list:\n**Bread**'],
    ['at the end', 'The fox is ___', ' red.', 'The fox is **red**'],
    ['written longer', 'The ______ is red.', ' fox.', 'The **fox** is red.'],
  ])('fills a gap %s', async (_, gap, says, expected) => {
    expect((await done('fill', { text: gap }, { says })).final.text).toContain(expected);
  });

  it('lists likelihoods on request', async () => {
    const likelihood = (_: string, continuation: string) => (continuation.startsWith(' fox') ? -1 : -3);
    const says = samples(' fox.', ' cat.');
    const { final } = await done('fill', { text, likelihoods: true }, { says, likelihood });
    expect(final.text).toBe(
      'The quick brown **fox** jumps over the dog.\n\n' +
        'How likely the whole text is with each, of 2 candidates:\n- fox: 88 % (log -1.0)\n- cat: 11 % (log -3.0)',
    );
  });

  it('says when it is not sure', async () => {
    const likelihood = (_: string, continuation: string) => (continuation.startsWith(' fox') ? -1 : -1.2);
    const { notes } = await done('fill', { text }, { says: samples(' fox.', ' cat.'), likelihood });
    expect(notes).toEqual(['It is not sure: 54 %, with "cat" next at 45 %.']);
  });

  it('says when nothing is likely', async () => {
    const { final, notes } = await done('fill', { text }, { likelihood: () => -8 });
    expect(final.text).toContain('**fox**');
    expect(notes).toEqual([expect.stringMatching(/Nothing that the model tried is likely/)]);
  });

  it('says when there is nothing at all', async () => {
    const { final, notes } = await done('fill', { text }, { says: ' ...' });
    expect(final.text).toBe('');
    expect(notes).toEqual([expect.stringMatching(/found nothing.*larger model/)]);
  });

  it('reads what is near the gap of a long text, shows what is near, and says so', async () => {
    const much = 'Long ago there was a fox. '.repeat(400);
    const { asked, final, notes } = await done('fill', { text: `${much}The ___ slept. ${much}` });
    expect(await tokens.count(asked[0]?.prompt ?? '')).toBeLessThanOrEqual(256);
    expect(asked[0]?.prompt).toMatch(/fox\. The$/);
    expect(final.text).toMatch(/^….{300,400}The \*\*fox\*\* slept\..{300,400}…$/s);
    expect(notes).toContain('Only the text nearest to the gap was read.');
  });

  it('makes do with fewer samples when the engine has no room for more', async () => {
    const says = (_: unknown, nth: number) => {
      if (nth > 3) throw new InferenceError('QUEUE_FULL', 'Later.');
      return ' fox.';
    };
    expect((await done('fill', { text }, { says })).final.text).toContain('**fox**');
  });

  it('can be stopped', async () => {
    const stop = new AbortController();
    const { engine, scored } = scriptedModel(tokens, {
      says: () => {
        stop.abort();
        return ' fox.';
      },
    });
    const events = await collect(runTask(tasks.fill, { text }, engine, { conversation: 'c' }, stop.signal));
    expect(finalOf(events)).toMatchObject({ text: '', result: { reason: 'aborted' } });
    expect(scored).toEqual([]);
  });
});

describe('choose', () => {
  const text = 'The cup broke because ___ was hard.';
  const choices = ['the cup', 'the floor'];
  /** Partial scoring is for the floor, full scoring for the cup. */
  const likelihood = (prompt: string) =>
    prompt.endsWith('because') ? -5 : prompt.endsWith('floor') ? -1 : -4;
  const full = (_: string, continuation: string) => (continuation.startsWith(' the cup') ? -5 : -6);

  it('takes the option behind which the rest is likeliest, and says that it goes by that', async () => {
    const { final, notes, asked } = await done('choose', { text, choices }, { likelihood });
    expect(final.text).toBe('The cup broke because **the floor** was hard.');
    expect(final.result).toMatchObject({ newTokens: 0, reason: 'stop' });
    expect(notes).toEqual([
      'Chosen with 95 % of the likelihood, by partial scoring (how likely what follows is behind each option).',
    ]);
    expect(asked).toEqual([]);
  });

  it('goes by the whole text where nothing follows', async () => {
    const input = { text: 'What broke was ___', choices };
    const { final, notes } = await done('choose', input, { likelihood: full });
    expect(final.text).toBe('What broke was **the cup**');
    expect(notes).toEqual([
      expect.stringMatching(/by full scoring \(how likely the whole text is with each option\)/),
    ]);
  });

  it('goes by the whole text where only a mark follows, which would follow any option', async () => {
    const { notes } = await done('choose', { text: 'What broke was ___.', choices }, { likelihood: full });
    expect(notes).toEqual([expect.stringMatching(/ by full scoring /)]);
  });

  it('says so when the model would hardly write any of the options there', async () => {
    const { notes } = await done('choose', { text, choices }, { likelihood: () => -100 });
    expect(notes).toEqual([expect.stringMatching(/ None of the options is likely there\.$/)]);
  });

  it('shows both scorings on request, and which one decides', async () => {
    const both = (prompt: string, continuation: string) =>
      prompt.endsWith('because') ? full(prompt, continuation) : likelihood(prompt);
    const { final } = await done('choose', { text, choices, likelihoods: true }, { likelihood: both });
    expect(final.text.split('\n\n').slice(1)).toEqual([
      'Partial scoring (how likely what follows is behind each option), which decides:\n- the floor: 95 % (log -1.0)\n- the cup: 4 % (log -4.0)',
      'Full scoring (how likely the whole text is with each option):\n- the cup: 73 % (log -5.0)\n- the floor: 26 % (log -6.0)',
    ]);
  });

  it('is honest about a difference that is next to none', async () => {
    const { notes } = await done('choose', { text, choices }, { likelihood: () => -3 });
    expect(notes).toEqual([
      'Next to a toss-up: 50 % against 50 % for "the floor", by partial scoring (how likely what follows is behind each option).',
    ]);
  });

  it('reads what is near the gap of a long text, and says so', async () => {
    const much = 'Long ago there was a cup. '.repeat(200);
    const { scored, notes } = await done('choose', { text: `${much}${text} ${much}`, choices });
    for (const { prompt, continuations } of scored) {
      for (const continuation of continuations) {
        expect(await tokens.count(`${prompt}${continuation}`)).toBeLessThan(512);
      }
    }
    expect(notes).toContain('Only the text nearest to the gap was read.');
  });
});
