import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Delivery } from '../../../bot/delivery/delivery.ts';
import { type Page, paginate } from '../../../bot/delivery/pages.ts';
import type { OutletLimits } from '../../../bot/ports.ts';
import { OpenTurn } from '../../../bot/turn.ts';
import { createLogger } from '../../../config/logger.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';
import { type Fate, mostWithin, VirtualPlatform } from '../../fixtures/virtual-platform.ts';
import { request } from '../requests.ts';
import { anyText, inSteps } from './markdown-text.ts';

const budget = fc.record({
  calls: fc.integer({ min: 1, max: 8 }),
  perMs: fc.integer({ min: 200, max: 8000 }),
});

const limits: fc.Arbitrary<OutletLimits> = fc
  .record({
    messageLength: fc.oneof(fc.integer({ min: 32, max: 80 }), fc.integer({ min: 32, max: 2000 })),
    measure: fc.constantFrom('utf16' as const, 'codePoints' as const, 'utf8' as const, 'entities' as const),
    posts: budget,
    edits: budget,
  })
  .map((drawn) => ({
    ...drawn,
    posts: { key: 'post', ...drawn.posts },
    edits: { key: 'edit', ...drawn.edits },
  }));

/** A platform that works, however slowly. */
const works: fc.Arbitrary<Fate> = fc.record({ thereMs: fc.nat({ max: 900 }), backMs: fc.nat({ max: 900 }) });

/** One that refuses, fails, or loses its answer, and recovers. */
const trouble: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 3, arbitrary: works },
  {
    weight: 1,
    arbitrary: fc
      .tuple(works, fc.nat({ max: 9000 }))
      .map(([fate, retryAfterMs]) => ({ ...fate, error: 'OUTLET_RATE_LIMITED' as const, retryAfterMs })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(works, fc.boolean())
      .map(([fate, done]) => ({ ...fate, error: 'OUTLET_FAILED' as const, done })),
  },
);

/** A turn's text with the pauses before its pieces. */
const growing = fc
  .tuple(inSteps(anyText), fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 12 }))
  .map(([steps, pauses]) =>
    steps.map((text, index) => ({ text, pauseMs: pauses[index % pauses.length] ?? 0 })),
  );

interface Run {
  readonly limits: OutletLimits;
  readonly replies: readonly (readonly { readonly text: string; readonly pauseMs: number }[])[];
  readonly fates: readonly Fate[];
}

const run = (fates: fc.Arbitrary<Fate>): fc.Arbitrary<Run> =>
  fc.record({
    limits,
    replies: fc.array(growing, { minLength: 1, maxLength: 3 }),
    fates: fc.array(fates, { minLength: 1, maxLength: 30, size: 'max' }),
  });

const logger = createLogger({ level: 'silent', secrets: [], format: 'json' });

/** Lets all replies of a run grow at once; fates beyond those drawn are kind, so that every reply can come to its end. */
async function play({ limits: taken, replies, fates }: Run) {
  const clock = new VirtualClock();
  const platform = new VirtualPlatform(clock, taken);
  platform.fate = ({ number }) => fates[number] ?? { thereMs: 20, backMs: 20 };
  const delivery = new Delivery({ logger, clock });
  const done = replies.map(async (steps, index) => {
    const turn = new OpenTurn(`turn-${index}`, request({ id: `m${index}` }), 'chat');
    const delivered = delivery.deliver(turn, platform);
    for (const { text, pauseMs } of steps) {
      await clock.sleep(pauseMs);
      turn.tell({ type: 'delta', text });
    }
    turn.finish({ reason: 'eos' });
    const { state } = await delivered;
    return {
      state,
      text: steps.map(({ text }) => text).join(''),
      messages: platform.messages.filter(({ place }) => place.turn === turn.id),
    };
  });
  const results = await clock.until(Promise.all(done));
  return { clock, platform, results };
}

const EMPTY = 'The answer is empty. Ask again, or in other words.';

/** What people ought to read at the end. */
function whole(text: string, { messageLength, measure = 'utf16' }: OutletLimits): readonly string[] {
  const shown = paginate(text, { maxLength: messageLength, measure })
    .map((page: Page) => page.text)
    .filter((page) => page !== '');
  return shown.length > 0
    ? shown
    : paginate(EMPTY, { maxLength: messageLength, measure }).map((page) => page.text);
}

describe('any text at any pace, on a platform in any trouble', () => {
  test('is whole at the end: the messages are the pages of the text, and nothing stale follows', async () => {
    await fc.assert(
      fc.asyncProperty(run(trouble), async (played) => {
        const { clock, platform, results } = await play(played);
        const shown = platform.texts;
        for (const { state, text, messages } of results) {
          expect(state).toBe('whole');
          expect(messages.map(({ versions }) => versions.at(-1)?.text)).toEqual(whole(text, played.limits));
        }
        await clock.pass(3_600_000);
        expect(platform.texts).toEqual(shown);
      }),
    );
  });

  test('keeps every budget, so that none of the refusals is our own doing', async () => {
    await fc.assert(
      fc.asyncProperty(run(trouble), async (played) => {
        const { platform } = await play(played);
        for (const kept of [played.limits.posts, played.limits.edits]) {
          if (!kept) continue;
          const calls = platform.calls.filter((call) => call.budget === kept.key);
          expect(mostWithin(calls, kept.perMs)).toBeLessThanOrEqual(kept.calls);
        }
      }),
    );
  });

  test('asks no sooner again than a platform wants that has had too much', async () => {
    await fc.assert(
      fc.asyncProperty(run(trouble), async (played) => {
        const { platform } = await play(played);
        for (const refused of platform.calls) {
          if (refused.error !== 'OUTLET_RATE_LIMITED') continue;
          const from = refused.answeredAt;
          const tooSoon = platform.calls.filter(
            ({ budget: key, begunAt }) =>
              key === refused.budget && begunAt > from && begunAt < from + refused.retryAfterMs,
          );
          expect(tooSoon).toEqual([]);
        }
      }),
    );
  });

  test('never has two edits of a message under way, and controls only where they belong', async () => {
    await fc.assert(
      fc.asyncProperty(run(trouble), async (played) => {
        const { results } = await play(played);
        for (const { messages } of results) {
          for (const { mostInFlight } of messages) expect(mostInFlight).toBeLessThanOrEqual(1);
          const states = messages.map(({ versions }) => versions.at(-1)?.controls.state);
          expect(states).toEqual([...messages.slice(1).map(() => 'none'), 'done']);
        }
      }),
    );
  });

  test('never shows more than fits, nor an empty message', async () => {
    await fc.assert(
      fc.asyncProperty(run(trouble), async (played) => {
        const { platform } = await play(played);
        expect(platform.calls.map(({ error }) => error)).not.toContain('OUTLET_TOO_LONG');
      }),
    );
  });

  test('shows a message whole before the next one is posted', async () => {
    await fc.assert(
      fc.asyncProperty(run(works), async (played) => {
        const { results } = await play(played);
        for (const { messages } of results) {
          for (const [index, { versions }] of messages.entries()) {
            const next = messages[index + 1]?.versions[0];
            if (next) expect(versions.at(-1)?.at).toBeLessThanOrEqual(next.at);
          }
        }
      }),
    );
  });
});

describe('plain words, where messages expire, are too long, or only grow', () => {
  const words = fc
    .array(fc.tuple(fc.stringMatching(/^[a-z]{1,12}(\n\n)?$/), fc.nat({ max: 300 })), {
      minLength: 3,
      maxLength: 80,
      size: 'max',
    })
    .map((drawn) =>
      drawn.map(([word, pauseMs], index) => ({ text: index > 0 ? ` ${word}` : word, pauseMs })),
    );

  const growth = fc.constantFrom('replace' as const, 'append' as const);

  const endings: fc.Arbitrary<Fate> = fc.oneof(
    { weight: 3, arbitrary: works },
    {
      weight: 1,
      arbitrary: fc
        .tuple(works, fc.constantFrom('OUTLET_EXPIRED' as const, 'OUTLET_TOO_LONG' as const))
        .map(([fate, error]) => ({ ...fate, error })),
    },
  );

  test('are all there, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        limits,
        growth,
        words,
        fc.array(endings, { maxLength: 8 }),
        async (drawn, grows, steps, fates) => {
          // An expired message is one that was there before; and pages have to be long enough to become shorter eight times.
          const kind = fates.map((fate, index) => (index === 0 ? { thereMs: 20, backMs: 20 } : fate));
          const room = fates.length > 0 ? 1000 : 0;
          const taken = { ...drawn, messageLength: room + drawn.messageLength, growth: grows };
          const clock = new VirtualClock();
          const platform = new VirtualPlatform(clock, taken);
          platform.fate = (call) => {
            const fate = kind[call.number] ?? { thereMs: 20, backMs: 20 };
            const possible = call.kind === 'edit' || fate.error !== 'OUTLET_EXPIRED';
            return possible ? fate : { thereMs: fate.thereMs, backMs: fate.backMs };
          };
          const turn = new OpenTurn('turn', request(), 'chat');
          const delivered = new Delivery({ logger, clock }).deliver(turn, platform);
          const text = steps.map((step) => step.text).join('');
          const written = (async () => {
            for (const step of steps) {
              await clock.sleep(step.pauseMs);
              turn.tell({ type: 'delta', text: step.text });
            }
            turn.finish({ reason: 'eos' });
            return delivered;
          })();
          expect(await clock.until(written)).toMatchObject({ state: 'whole' });
          const read = platform.texts.filter((shown) => !shown.startsWith('_'));
          expect(read.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
          if (grows === 'append') {
            for (const { versions } of platform.messages) {
              for (const [index, { text: shown }] of versions.entries()) {
                expect(shown.startsWith(versions[index - 1]?.text ?? '')).toBe(true);
              }
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
