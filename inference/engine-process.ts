import { getPriority, setPriority } from 'node:os';
import type { Chunk } from './engine/engine.ts';
import { LocalEngine, type Submission } from './engine/local-engine.ts';
import { InferenceError } from './errors.ts';
import { loadModel } from './model/load.ts';
import type { CallId, EngineOrder, Failure, FromEngine, ToEngine } from './protocol.ts';

/** The engine's process: a local engine behind a channel. It ends when the channel does. */
export function serveEngine(): void {
  // Ctrl-C reaches the whole process group; the bot decides what it means, and closes the channel.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => process.exit(0));
  process.once('message', (message: ToEngine) => {
    if (message.type === 'start') void start(message.order);
  });
}

async function start(order: EngineOrder): Promise<void> {
  yieldToTheBot();
  try {
    const loaded = await loadModel(order.folder, order.name, order.threads);
    const engine = new LocalEngine({
      ...loaded,
      limits: order.limits,
      now: () => performance.now(),
      dispose: () => loaded.dispose(),
    });
    // The model itself failing is no single request's fault: the process ends, and the service starts another.
    void engine.finished.then((failure) => end({ type: 'ending', cause: failure?.message ?? 'closed' }));
    serve(engine);
    send({ type: 'ready', model: engine.model });
  } catch (error) {
    end({ type: 'refused', failure: describe(error) });
  }
}

/** Ends the process when its last words are out. */
function end(words: FromEngine): void {
  process.send?.(words, () => process.exit(1));
}

/** Steps of niceness below the bot, so that heartbeats and acknowledgements come first when the cores are few. */
const NICER = 5;
const NICEST = 19;

function yieldToTheBot(): void {
  try {
    setPriority(Math.min(getPriority() + NICER, NICEST));
  } catch {
    // Not allowed here: the scheduler treats both alike, and nothing depends on it.
  }
}

function serve(engine: LocalEngine): void {
  const submissions = new Map<CallId, Submission>();
  const outbox = new Outbox();

  const generate = ({ id, prompt, options }: Extract<ToEngine, { type: 'generate' }>): void => {
    const submission = engine.submit(prompt, options, {
      begun: () => send({ type: 'begun', id }),
      chunk: (chunk) => {
        if (chunk.type === 'end') submissions.delete(id);
        outbox.add(id, chunk);
      },
      failure: (error) => {
        submissions.delete(id);
        outbox.flush();
        fail(id, error);
      },
    });
    submissions.set(id, submission);
  };

  const call = async (message: Extract<ToEngine, { type: 'call' }>): Promise<void> => {
    const { id } = message;
    send({ type: 'answer', id, answer: await answer(engine, message) });
  };

  process.on('message', (message: ToEngine) => {
    if (message.type === 'abort') submissions.get(message.id)?.abort();
    if (message.type === 'ask') {
      send({ type: 'alive', steps: engine.steps, memoryBytes: process.memoryUsage.rss() });
    }
    if (message.type !== 'generate' && message.type !== 'call') return;
    try {
      if (message.type === 'generate') generate(message);
      else call(message).catch((error) => fail(message.id, error));
    } catch (error) {
      fail(message.id, error);
    }
  });
}

function fail(id: CallId, error: unknown): void {
  // The model itself failed: this process is about to end, and the service hands the request to the next one.
  if (error instanceof InferenceError && error.code === 'ENGINE_FAILED') return;
  send({ type: 'failed', id, failure: describe(error) });
}

function answer(engine: LocalEngine, call: Extract<ToEngine, { type: 'call' }>) {
  switch (call.name) {
    case 'count':
      return engine.count(call.ask.text);
    case 'fit':
      return engine.fit(call.ask.text, call.ask.limit, call.ask.keep);
    case 'score':
      return engine.score(call.ask.prompt, call.ask.continuations, call.ask.conversation, () =>
        send({ type: 'begun', id: call.id }),
      );
    case 'stats':
      return engine.stats();
  }
}

/**
 * The time between two messages while replies run. Each wakes the bot's process, which on few cores takes one from the
 * model; forty times a second is smoother than anybody reads and any platform shows.
 */
const MESSAGE_INTERVAL_MS = 25;

/** Joins what the model says to all its rows into few messages. The first words and an end go out at once. */
class Outbox {
  #chunks: [CallId, Chunk][] = [];
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  add(id: CallId, chunk: Chunk): void {
    this.#chunks.push([id, chunk]);
    const wait = this.#sent + MESSAGE_INTERVAL_MS - performance.now();
    // Text without tokens is what was held back, and the end follows at once: apart, a crash between them would show it twice.
    const complete = chunk.type !== 'text' || chunk.tokens.length > 0;
    if (chunk.type === 'end' || (wait <= 0 && complete)) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), wait);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#chunks.length === 0) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#sent = performance.now();
    send({ type: 'chunks', chunks });
  }
}

function send(message: FromEngine): void {
  // A closed channel ends this process by itself, and what could not be sent has no reader; without the callback the
  // error would end it sooner, with a stack trace in the middle of somebody's terminal.
  if (process.connected) process.send?.(message, () => undefined);
}

function describe(error: unknown): Failure {
  if (error instanceof InferenceError) return { code: error.code, message: error.message };
  const why = error instanceof Error ? error.message : String(error);
  return { code: 'ENGINE_FAILED', message: `The engine failed: ${why}` };
}
