import { describe, expect, it } from 'vitest';
import { ROOMY, replyTo, textOf, wanting } from '../fixtures/random-engine.ts';
import { kill, killAt, LONG, onText, Services } from '../fixtures/services.ts';
import { STARTER_SIZES } from '../fixtures/starter-sizes.ts';
import { starterTokenizer } from '../fixtures/starter-tokenizer.ts';

const services = new Services();

describe('A reply whose process is killed', () => {
  it('is one whole reply in the end, the same as an undisturbed one, however often', async () => {
    const { service, events } = await services.start();
    const reply = await replyTo(service, 'Once', LONG, undefined, killAt(service, [1, 100, 200]));
    expect(reply.text).toBe(services.undisturbed.text);
    expect(reply.tokens).toEqual(services.undisturbed.tokens);
    const { reason, newTokens, promptTokens, seed, contextFull } = services.undisturbed.result;
    expect(reply.result).toMatchObject({ reason, newTokens, promptTokens, seed, contextFull });
    expect(reply.result.options).toEqual(services.undisturbed.result.options);
    expect(events.map(({ type }) => type)).toEqual([
      'lost',
      'restarted',
      'lost',
      'restarted',
      'lost',
      'restarted',
    ]);
    expect(await service.stats()).toMatchObject({ restarts: 3, running: 0, queued: 0 });
  });

  it('goes on with the seed that was drawn for it', async () => {
    const { service } = await services.start();
    const { seed: _, ...unseeded } = LONG;
    const reply = await replyTo(service, 'Once', unseeded, undefined, killAt(service, [200]));
    expect((await replyTo(service, 'Once', { ...LONG, seed: reply.result.seed })).text).toBe(reply.text);
  });

  it('keeps what was shown at 4 bits too, where what follows may be worded otherwise', async () => {
    // Activations are rounded to 8 bits, so that a text read again can differ from one written token by token.
    const { service } = await services.start({ model: 'starter', weights: 'q4' });
    const options = { ...LONG, maxNewTokens: 300 };
    const calm = await replyTo(service, 'Once upon a time', options);
    expect((await replyTo(service, 'Once upon a time', options)).deltas).toEqual(calm.deltas);

    let seen = 0;
    const interrupted = await replyTo(service, 'Once upon a time', options, undefined, (chunk) => {
      if (chunk.type === 'text' && ++seen === 40) kill(service);
    });
    expect(interrupted.deltas.slice(0, 40)).toEqual(calm.deltas.slice(0, 40));
    expect(interrupted.text).toBe((await starterTokenizer()).decode(interrupted.tokens));
    expect(interrupted.result.newTokens).toBe(interrupted.tokens.length);
    expect(await service.stats()).toMatchObject({ restarts: 1 });
  });

  it('takes its neighbours with it into the next process: those who write, and all who wait, also in a full queue', async () => {
    const { service } = await services.start({ limits: { ...ROOMY, maxRows: 2, maxQueue: 3 } });
    const replies = await Promise.all(
      [0, 1, 2, 3, 4].map((i) =>
        replyTo(
          service,
          'Once',
          { ...LONG, conversation: String(i) },
          undefined,
          i === 1 ? killAt(service, [100]) : undefined,
        ),
      ),
    );
    for (const { text } of replies) expect(text).toBe(services.undisturbed.text);
    expect(await service.stats()).toMatchObject({ restarts: 1 });
  });

  it('that goes on behind tokens shown by an earlier bot keeps them too', async () => {
    const { service } = await services.start();
    const before = services.undisturbed.deltas.slice(0, 120);
    const shown = before.flatMap(({ tokens }) => tokens);
    const rest = await replyTo(service, 'Once', { ...LONG, shown }, undefined, killAt(service, [50]));
    expect(before.map(({ text }) => text).join('') + rest.text).toBe(services.undisturbed.text);
    expect(rest.result.newTokens).toBe(services.undisturbed.result.newTokens);
  });

  it('can be stopped while there is no process: what is there stays', async () => {
    const stop = new AbortController();
    const { service } = await services.start({ onEvent: ({ type }) => type === 'lost' && stop.abort() });
    const reply = await replyTo(service, 'Once', LONG, stop.signal, killAt(service, [100]));
    expect(reply.result).toMatchObject({ reason: 'aborted', newTokens: reply.tokens.length });
    expect(services.undisturbed.text.startsWith(reply.text)).toBe(true);
    expect(await service.stats()).toMatchObject({ running: 0, queued: 0 });
  });

  it('is forgotten when nobody reads it any more', async () => {
    const { service } = await services.start();
    for await (const chunk of service.generate('Once', wanting(LONG))) {
      if (chunk.type !== 'text') continue;
      kill(service);
      break;
    }
    // Asked while the process dies, answered by the next one, which has nothing else to do.
    expect(await service.stats()).toMatchObject({ running: 0, queued: 0, generatedTokens: 0 });
  });
});

describe('Questions that are open when the process is killed', () => {
  it('are answered by the next one', async () => {
    const { service } = await services.start();
    const text = 'The cat sat on the mat. The dog did not.';
    const ask = () =>
      Promise.all([
        service.count(text),
        service.fit(text, 9, 'start'),
        service.score('The', [' cat', ' dog'], 'a'),
      ]);
    const before = await ask();
    kill(service);
    const open = ask();
    const stats = service.stats();
    expect(await open).toEqual(before);
    expect(await stats).toMatchObject({ restarts: 1, model: { vocabularySize: STARTER_SIZES.vocabulary } });
  });
});

describe('Requests that cannot be', () => {
  it('are refused through the channel as they are in this process', async () => {
    const { service } = await services.start();
    await expect(replyTo(service, 'x', { maxNewTokens: 0 })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    await expect(replyTo(service, textOf(700))).rejects.toMatchObject({ code: 'PROMPT_TOO_LONG' });
    await expect(service.score(textOf(600), [textOf(200)], 'a')).rejects.toMatchObject({
      code: 'PROMPT_TOO_LONG',
    });
    expect((await replyTo(service, '\ud800<|endoftext|>', { maxNewTokens: 1 })).result.reason).toBe('length');
    expect(await service.stats()).toMatchObject({ restarts: 0 });
  });

  it('given up before they begin, or in the middle, end with what is there', async () => {
    const { service } = await services.start();
    expect((await replyTo(service, 'Once', LONG, AbortSignal.abort())).result.reason).toBe('aborted');
    const stop = new AbortController();
    const reply = await replyTo(
      service,
      'Once',
      LONG,
      stop.signal,
      onText(() => stop.abort()),
    );
    expect(reply.result).toMatchObject({ reason: 'aborted', newTokens: reply.tokens.length });
    expect(await service.stats()).toMatchObject({ running: 0 });
  });
});
