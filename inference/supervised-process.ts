import type { ChildProcess } from 'node:child_process';
import { forkChild } from './child-process.ts';
import type { EngineModel, Milliseconds } from './engine/engine.ts';
import { asError, InferenceError } from './errors.ts';
import { ProcessWatch, type Supervision } from './process-watch.ts';
import type { AboutRequests, EngineOrder, FromEngine, ToEngine } from './protocol.ts';
import { FAILED_STARTS_UNTIL_DOWN, isLasting, RestartPolicy } from './restart-policy.ts';

export type ServiceEvent =
  /** `again`: milliseconds until another one is started. */
  | { readonly type: 'lost'; readonly cause: string; readonly again: number }
  | { readonly type: 'restarted'; readonly process: number }
  /**
   * The process takes more memory than it may. `replaced`: another takes its place as soon as the running replies are
   * whole; else it has taken that much from its start, as any other would.
   */
  | { readonly type: 'full'; readonly bytes: number; readonly limit: number; readonly replaced: boolean }
  /** What a process needs is not ready after so many milliseconds: the compiler takes long, or hangs. */
  | { readonly type: 'preparing'; readonly since: number }
  /** No process can be started for now: until one is, who asks is told so. Further ones are tried. */
  | { readonly type: 'down'; readonly cause: string }
  /** Starting another one is of no use: nothing will answer any more. */
  | { readonly type: 'given up'; readonly cause: string };

/** GPT-2's largest is compiled within it, so that who waits for longer may well wait in vain. */
const SLOW_PREPARATION_MS = 180_000;
/** How long a process may take to close by itself. */
const CLOSE_MS = 2_000;
/** How long a process that is to be replaced may go on with its replies: most are whole by then, and none is lost. */
const HANDING_OVER_MS = 30_000;

export interface ProcessListeners {
  /** A process can answer: the first one, or one that took its place. */
  readonly ready: (model: EngineModel) => void;
  readonly message: (message: AboutRequests) => void;
  /** Whether the process owes an answer. */
  readonly busy: () => boolean;
  /** The process is to be replaced: it is asked nothing more, and when it owes nothing, `spare` says so. */
  readonly retiring: () => void;
  /** The process is gone, and another one is being started. `blame`: it died or hung, and was not replaced. */
  readonly lost: (blame: boolean) => void;
  /** None can be started for now, though more are tried: nobody is to wait until one is ready. Told with each new reason. */
  readonly down: (error: Error) => void;
  /** No process can be started: nothing will answer any more. */
  readonly refused: (error: Error) => void;
  readonly event: (event: ServiceEvent) => void;
}

/** The engine's process, started again with growing pauses when it dies. */
export class SupervisedProcess {
  readonly #prepare: () => Promise<EngineOrder>;
  readonly #listeners: ProcessListeners;
  readonly #supervision: Supervision;
  #child: ChildProcess | undefined;
  #watch: ProcessWatch | undefined;
  /** Replaces the process at the latest when it fires. */
  #retirement: NodeJS.Timeout | undefined;
  /** Whether any process has ever been ready: one that cannot start at all is not tried again. */
  #worked = false;
  #restarts = 0;
  readonly #policy = new RestartPolicy();
  #down = false;
  #nextStart: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param prepare makes what a process needs, before each start: the cache that the last one read may have been deleted
   *   since.
   */
  constructor(prepare: () => Promise<EngineOrder>, supervision: Supervision, listeners: ProcessListeners) {
    this.#prepare = prepare;
    this.#supervision = supervision;
    this.#listeners = listeners;
    void this.#start();
  }

  get id(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether it has been without a process for longer than anybody is to wait. */
  get down(): boolean {
    return this.#down;
  }

  get restarts(): number {
    return this.#restarts;
  }

  send(message: ToEngine): void {
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  /** The process owes nothing: if it is to be replaced, now is the time. */
  spare(): void {
    if (this.#retirement) this.#child?.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#nextStart);
    this.#unwatch();
    const child = this.#child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.disconnect();
    const impatience = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
    await exited;
    clearTimeout(impatience);
  }

  async #start(): Promise<void> {
    const slow = setTimeout(() => this.#tellSlow(), SLOW_PREPARATION_MS);
    try {
      const order = await this.#prepare();
      if (!this.#closed) this.#spawn(order);
    } catch (error) {
      if (!this.#closed) this.#failStart(error as Error);
    } finally {
      clearTimeout(slow);
    }
  }

  #spawn(order: EngineOrder): void {
    const child = forkChild('./engine-process.ts', 'serveEngine');
    const began = performance.now();
    const again = this.#worked;
    let ready = false;
    let refusal: Error | undefined;
    let lastWords: string | undefined;
    const watch = this.#watchOver(child, (cause) => {
      lastWords = cause;
    });
    this.#child = child;
    child.on('message', (message: FromEngine) => {
      if (message.type === 'ready') {
        ready = true;
        this.#worked = true;
        this.#down = false;
        this.#policy.started();
        watch.ready();
        this.#listeners.ready(message.model);
        if (again) this.#listeners.event({ type: 'restarted', process: child.pid ?? 0 });
      } else if (message.type === 'refused') refusal = asError(message.failure);
      else if (message.type === 'ending') lastWords = message.cause;
      else if (message.type === 'alive') watch.heard(message);
      else this.#listeners.message(message);
    });
    const ended = (cause: string): void => {
      if (child !== this.#child || this.#closed) return;
      this.#child = undefined;
      const replaced = this.#retirement !== undefined;
      this.#unwatch();
      if (!ready) {
        this.#failStart(refusal ?? startFailure(cause));
        return;
      }
      this.#listeners.lost(!replaced);
      this.#startAgain(cause, this.#policy.afterLife(performance.now() - began));
    };
    child.on('error', (error) => {
      child.kill('SIGKILL');
      ended(error.message);
    });
    child.once('exit', (code, signal) => {
      const end = () => ended(lastWords ?? signal ?? `exit code ${code}`);
      // What it said before it died may still be in the channel, and people are about to see it.
      if (child.connected) child.once('disconnect', end);
      else end();
    });
    this.send({ type: 'start', order });
  }

  /** @param dying told why, before the process is killed. */
  #watchOver(child: ChildProcess, dying: (cause: string) => void): ProcessWatch {
    const { hangMs, memoryBytes } = this.#supervision;
    const watch = new ProcessWatch({
      ...this.#supervision,
      busy: this.#listeners.busy,
      ask: () => this.send({ type: 'ask' }),
      onHang: () => {
        dying(`it hung: nothing was computed for ${Math.round(hangMs / 1000)} s`);
        child.kill('SIGKILL');
      },
      onFull: (bytes, fresh) => {
        this.#listeners.event({ type: 'full', bytes, limit: memoryBytes, replaced: !fresh });
        if (fresh) return;
        dying('it took more memory than it may');
        this.#retirement = setTimeout(() => child.kill('SIGKILL'), HANDING_OVER_MS);
        this.#listeners.retiring();
      },
    });
    this.#watch = watch;
    return watch;
  }

  #unwatch(): void {
    this.#watch?.stop();
    clearTimeout(this.#retirement);
    this.#retirement = undefined;
  }

  /** No process came of it. The first one is not tried again: whoever starts the bot is there to read why. */
  #failStart(error: Error): void {
    if (!this.#worked || isLasting(error)) {
      this.#closed = true;
      this.#listeners.refused(error);
      if (this.#worked) this.#listeners.event({ type: 'given up', cause: error.message });
      return;
    }
    const pause = this.#policy.afterFailedStart();
    this.#startAgain(error.message, pause);
    if (this.#down || this.#policy.failedStarts >= FAILED_STARTS_UNTIL_DOWN) this.#goDown(error.message);
  }

  #startAgain(cause: string, pause: Milliseconds): void {
    this.#restarts++;
    this.#listeners.event({ type: 'lost', cause, again: pause });
    this.#nextStart = setTimeout(() => {
      if (!this.#closed) void this.#start();
    }, pause);
  }

  #tellSlow(): void {
    if (this.#closed) return;
    this.#listeners.event({ type: 'preparing', since: SLOW_PREPARATION_MS });
    if (this.#worked) this.#goDown('the model is still being compiled');
  }

  #goDown(cause: string): void {
    const news = !this.#down;
    this.#down = true;
    this.#listeners.down(
      new InferenceError(
        'ENGINE_DOWN',
        `The model's process cannot be started for now (${cause}). It is tried again and again; ask later.`,
      ),
    );
    if (news) this.#listeners.event({ type: 'down', cause });
  }
}

function startFailure(cause: string): InferenceError {
  return new InferenceError(
    'ENGINE_FAILED',
    `The engine's process ended while it was loading the model (${cause}). Is there enough memory for this model? A smaller one needs less.`,
  );
}
