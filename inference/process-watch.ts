import type { Milliseconds } from './engine/engine.ts';
import type { SignOfLife } from './protocol.ts';

/** When the engine's process is to be replaced although it has not ended. */
export interface Supervision {
  /** A process that computes nothing for so long while something is asked of it has hung. */
  readonly hangMs: Milliseconds;
  /** Resident memory at which a process is replaced; 0 sets no limit. */
  readonly memoryBytes: number;
}

/**
 * The first piece of a prompt is the longest step: 128 tokens take the largest GPT-2 two seconds on two cores of a server, and
 * half a minute on a small board. Between steps the process answers, so that a long prompt is never taken for a hang.
 */
export const SUPERVISION: Supervision = { hangMs: 60_000, memoryBytes: 0 };

/**
 * Looks within the limit. Looks are counted instead of time measured, so that a bot that stood still itself (Ctrl-Z, a
 * computer's sleep) does not blame the engine for it.
 */
const LOOKS = 10;
/** Loading is one long step, as long as the disk takes: this many times the limit, and this long where the limit is short. */
const LOADING_LIMITS = 10;
const LOADING_AT_LEAST_MS: Milliseconds = 300_000;

export interface WatchOptions extends Supervision {
  /** Whether the process owes an answer. */
  readonly busy: () => boolean;
  /** Asks for a sign of life. */
  readonly ask: () => void;
  /** Told once, and nothing else afterwards. */
  readonly onHang: () => void;
  /** Told once. `fresh`: it has just loaded the model, so another process would need as much. */
  readonly onFull: (bytes: number, fresh: boolean) => void;
}

/** Watches one process from its start to its end: whether it gets on, and how much memory it takes. */
export class ProcessWatch {
  readonly #options: WatchOptions;
  readonly #timer: NodeJS.Timeout;
  /** Looks in vain after which it has hung. */
  #patience: number;
  #loading = true;
  #missed = 0;
  #alive = false;
  #steps = -1;
  #fresh = true;
  #full = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { hangMs } = options;
    this.#patience = Math.ceil((LOOKS * Math.max(LOADING_LIMITS * hangMs, LOADING_AT_LEAST_MS)) / hangMs);
    this.#timer = setInterval(() => this.#look(), hangMs / LOOKS);
  }

  /** The model is loaded: from now on the process answers. */
  ready(): void {
    this.#loading = false;
    this.#patience = LOOKS;
    this.#missed = 0;
    this.#options.ask();
  }

  /** A process that answers but computes nothing of what it was asked is no better than one that is silent. */
  heard({ steps, memoryBytes }: SignOfLife): void {
    this.#alive ||= steps !== this.#steps || !this.#options.busy();
    this.#steps = steps;
    this.#weigh(memoryBytes);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#missed = this.#alive ? 0 : this.#missed + 1;
    this.#alive = false;
    if (this.#missed >= this.#patience) {
      this.stop();
      this.#options.onHang();
    } else if (!this.#loading) this.#options.ask();
  }

  #weigh(bytes: number): void {
    const { memoryBytes, onFull } = this.#options;
    const fresh = this.#fresh;
    this.#fresh = false;
    if (memoryBytes === 0 || this.#full || bytes <= memoryBytes) return;
    this.#full = true;
    onFull(bytes, fresh);
  }
}
