import type { Engine } from '../inference/engine/engine.ts';
import type { OpenTurn } from './turn.ts';
import { unlessStopped } from './unless-stopped.ts';

/** The engine, which may still be on its way, or never come. */
export class AwaitedEngine {
  readonly #engine: Promise<Engine>;
  #loaded: Engine | undefined;
  #failed = false;

  constructor(engine: Promise<Engine>) {
    this.#engine = engine;
    engine.then(
      (loaded) => {
        this.#loaded = loaded;
      },
      () => {
        this.#failed = true;
      },
    );
  }

  /** Undefined until it is there. */
  get loaded(): Engine | undefined {
    return this.#loaded;
  }

  /** It could not start. */
  get failed(): boolean {
    return this.#failed;
  }

  /**
   * The engine as soon as it is there, and the turn is told that it waits; undefined when the signal comes first.
   *
   * @throws what kept it from starting.
   */
  async for(turn: OpenTurn, signal: AbortSignal = turn.signal): Promise<Engine | undefined> {
    if (!this.#loaded && !this.#failed) turn.tell({ type: 'waiting', for: 'model' });
    return unlessStopped(this.#engine, signal);
  }
}
