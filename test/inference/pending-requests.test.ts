import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../inference/engine/engine.ts';
import { InferenceError } from '../../inference/errors.ts';
import { PendingRequests } from '../../inference/pending-requests.ts';
import type { CallId, ToEngine } from '../../inference/protocol.ts';
import { wanting } from '../fixtures/random-engine.ts';

/** The other end of the channel, played by the test. */
class Process {
  readonly requests: PendingRequests;
  #sent: ToEngine[] = [];
  spared = 0;

  constructor(most = 100) {
    const spare = () => {
      this.spared++;
    };
    this.requests = new PendingRequests({ send: (message) => void this.#sent.push(message), spare }, most);
  }

  /** The requests that it was sent since it was asked last. */
  get got(): readonly string[] {
    const got = this.#sent.flatMap((message) => (message.type === 'generate' ? [message.prompt] : []));
    this.#sent = [];
    return got;
  }

  ask(...prompts: readonly string[]): readonly Promise<string>[] {
    return prompts.map((prompt) => outcome(this.requests.openStream(prompt, wanting()).chunks));
  }

  begin(...ids: readonly CallId[]): void {
    for (const id of ids) this.requests.receive({ type: 'begun', id });
  }

  say(id: CallId, chunk: Chunk): void {
    this.requests.receive({ type: 'chunks', chunks: [[id, chunk]] });
  }

  /** The requests whose end it was asked for. */
  get aborted(): readonly CallId[] {
    return this.#sent.flatMap((message) => (message.type === 'abort' ? [message.id] : []));
  }

  die(): void {
    this.requests.takeBack(true);
    this.requests.handOver();
  }
}

/** What is read of a reply: `whole`, or the code of its failure. */
async function outcome(chunks: AsyncIterable<Chunk>): Promise<string> {
  try {
    for await (const _ of chunks);
    return 'whole';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

async function chunksOf(chunks: AsyncIterable<Chunk>): Promise<readonly Chunk[]> {
  const read: Chunk[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return read;
}

const token: Chunk = { type: 'text', text: 'a', tokens: [1] };

function end(): Chunk {
  const result = { reason: 'eos', contextFull: false, seed: 1, options: wanting(), promptTokens: 1 } as const;
  const times = { newTokens: 1, queuedMs: 0, firstTokenMs: 1, totalMs: 1, tokensPerSecond: 1 };
  return { type: 'end', result: { ...result, ...times } };
}

describe('Requests whose process dies', () => {
  it('are tried one at a time by the next one, and the innocent is never blamed for its neighbour', async () => {
    const process = new Process();
    process.requests.handOver();
    const [poison, innocent] = process.ask('poison', 'innocent');
    const [late] = process.ask('late');
    expect(process.got).toEqual(['poison', 'innocent', 'late']);
    process.begin(1, 2);

    process.die();
    expect(process.got).toEqual(['poison']);
    process.begin(1);
    process.die();
    expect(process.got, 'its last trial').toEqual(['poison']);
    process.begin(1);
    process.die();
    expect(await poison).toBe('PROMPT_FAILED');
    expect(process.got).toEqual(['innocent']);
    process.begin(2);
    process.say(2, token);
    expect(process.got, 'who waited was never suspected').toEqual(['late']);
    for (const id of [2, 3]) process.say(id, end());
    expect(await Promise.all([innocent, late])).toEqual(['whole', 'whole']);
  });

  it('are free of suspicion with a token, and go on with what came meanwhile', async () => {
    const process = new Process();
    process.requests.handOver();
    process.ask('one', 'two');
    process.begin(1, 2);
    process.die();
    process.ask('new');
    expect(process.got.slice(2)).toEqual(['one']);
    process.say(1, token);
    expect(process.got).toEqual(['two']);
    process.say(2, end());
    expect(process.got).toEqual(['new']);
  });

  it('do not keep others waiting when nobody reads a suspect any more', () => {
    const process = new Process();
    process.requests.handOver();
    const one = process.requests.openStream('one', wanting());
    process.ask('two');
    process.begin(1, 2);
    process.die();
    expect(process.got.slice(2)).toEqual(['one']);
    one.forget();
    expect(process.got).toEqual(['two']);
  });

  it('are not blamed where the process was replaced, or they had not begun', () => {
    const process = new Process();
    process.requests.handOver();
    process.ask('one', 'two');
    process.begin(1, 2);
    for (let life = 0; life < 5; life++) {
      process.requests.holdBack();
      process.requests.takeBack(false);
      process.requests.handOver();
    }
    expect(process.got.slice(-2)).toEqual(['one', 'two']);
    for (let life = 0; life < 5; life++) process.die();
    expect(process.got.slice(-2)).toEqual(['one', 'two']);
  });
});

describe('A reply that is stopped', () => {
  it('while there is no process ends at once, with what was shown', async () => {
    const process = new Process();
    process.requests.handOver();
    const stream = process.requests.openStream('one', wanting({ seed: 7, shown: [5] }));
    process.begin(1);
    process.say(1, token);
    process.requests.takeBack(true);
    stream.abort();
    const chunks = await chunksOf(stream.chunks);
    expect(chunks).toMatchObject([
      { type: 'text', tokens: [1] },
      { type: 'end', result: { reason: 'aborted', seed: 7, newTokens: 2 } },
    ]);
    process.requests.handOver();
    expect(process.got, 'no other process hears of it').toEqual(['one']);
  });

  it('while a suspect keeps it waiting ends at once, and so does a suspect that waits for its trial', async () => {
    const process = new Process();
    process.requests.handOver();
    process.ask('tried');
    const suspect = process.requests.openStream('suspect', wanting());
    process.begin(1, 2);
    process.die();
    const waiting = process.requests.openStream('waiting', wanting());
    for (const stream of [suspect, waiting]) {
      stream.abort();
      expect((await chunksOf(stream.chunks)).at(-1)).toMatchObject({
        result: { reason: 'aborted', newTokens: 0 },
      });
    }
    process.say(1, end());
    expect(process.got).toEqual(['tried', 'suspect', 'tried']);
  });

  it('by a process that dies before it has said so is not begun again', async () => {
    const process = new Process();
    process.requests.handOver();
    const stream = process.requests.openStream('one', wanting());
    process.begin(1);
    stream.abort();
    expect(process.aborted).toEqual([1]);
    process.die();
    expect(await chunksOf(stream.chunks)).toMatchObject([{ result: { reason: 'aborted' } }]);
    expect(process.got).toEqual(['one']);
  });
});

describe('A process that is to be replaced', () => {
  it('is asked nothing more, and spared as soon as it owes nothing', () => {
    const process = new Process();
    process.requests.handOver();
    process.ask('one', 'two');
    process.requests.holdBack();
    process.ask('three');
    process.say(1, end());
    expect(process.spared).toBe(0);
    process.say(2, end());
    expect(process.spared).toBe(1);
    expect(process.got).toEqual(['one', 'two']);
    process.requests.takeBack(false);
    process.requests.handOver();
    expect(process.got).toEqual(['three']);
  });

  it('is spared at once when it owes nothing from the start', () => {
    const process = new Process();
    process.requests.handOver();
    process.requests.holdBack();
    expect(process.spared).toBe(1);
  });
});

describe('Requests whose process answers nothing', () => {
  it('are taken up to twice the number that it would take, for it cannot refuse them', () => {
    const process = new Process(4);
    process.requests.handOver();
    for (let i = 0; i < 7; i++) process.ask(String(i));
    const score = process.requests.call('score', { prompt: 'x', continuations: [], conversation: 'a' });
    score.catch(() => undefined);
    expect(() => process.requests.openStream('more', wanting())).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', message: expect.stringMatching(/^8 requests .* 5 s/) }),
    );
    expect(process.got).toHaveLength(7);
    process.say(1, end());
    process.ask('room again');
    expect(process.got).toEqual(['room again']);
  });
});

describe('Requests while there is no process', () => {
  it('are taken up to the number that a process would take, and further ones told when to ask again', () => {
    const process = new Process(2);
    process.ask('one', 'two');
    expect(() => process.requests.openStream('three', wanting())).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', message: expect.stringMatching(/in about 5 s/) }),
    );
    process.requests.handOver();
    process.say(2, { type: 'queued', place: 4, estimatedWaitMs: 12_000 });
    process.requests.takeBack(true);
    expect(() => process.requests.openStream('three', wanting())).toThrow(/in about 12 s/);
    expect(process.got).toEqual(['one', 'two']);
  });

  it('end with the reason when that lasts too long, and later ones at once, until there is one', async () => {
    const process = new Process();
    process.requests.handOver();
    const [open] = process.ask('open');
    process.requests.takeBack(true);
    const figures = process.requests.call('stats', {});
    const count = process.requests.call('count', { text: 'x' });
    process.requests.failUntilReady(new InferenceError('ENGINE_DOWN', 'It cannot be started.'));
    expect(await open).toBe('ENGINE_DOWN');
    await expect(count).rejects.toMatchObject({ code: 'ENGINE_DOWN' });
    expect(() => process.requests.openStream('late', wanting())).toThrow('It cannot be started.');
    await expect(process.requests.call('fit', { text: 'x', limit: 1, keep: 'end' })).rejects.toThrow(
      'started',
    );
    process.requests.handOver();
    process.ask('new');
    expect(process.got).toEqual(['open', 'new']);
    // Whoever watches the engine is to see that it is silent, and not that it has been given up.
    process.requests.receive({ type: 'answer', id: 2, answer: 3 });
    expect(await figures).toBe(3);
  });

  it('do not keep counts and figures from being asked for', () => {
    const process = new Process(1);
    process.ask('one');
    expect(() => process.requests.call('count', { text: 'x' })).not.toThrow();
  });
});
