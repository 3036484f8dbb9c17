import type { EngineProbe } from './engine-probe.ts';

/** What the platforms' adapters tell of themselves. */
export interface Connectable {
  readonly platform: string;
  /** Whether people can be heard now; absent: always. */
  readonly connected?: boolean;
}

/** An answer to a probe: `ok` is what its status says, `body` what a person reads. */
export interface HealthReport {
  readonly ok: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface HealthOptions {
  readonly probe: EngineProbe;
  readonly platforms: readonly Connectable[];
}

/** Whether the bot is alive (else start it again) and ready (else wait). */
export class Health {
  readonly #probe: EngineProbe;
  readonly #platforms: readonly Connectable[];
  #leaving = false;

  constructor({ probe, platforms }: HealthOptions) {
    this.#probe = probe;
    this.#platforms = platforms;
  }

  /** The bot is about to end: nothing new is taken. */
  leave(): void {
    this.#leaving = true;
  }

  async live(): Promise<HealthReport> {
    const { state } = await this.#probe.look();
    if (state !== 'given up' || this.#leaving) return { ok: true, body: { status: 'alive' } };
    const reason = "the model's process cannot be started again; start Parley anew";
    return { ok: false, body: { status: 'dead', reason } };
  }

  async ready(): Promise<HealthReport> {
    const reasons = this.#leaving ? ['the bot is about to end'] : [];
    const engine = await this.#probe.look();
    if (engine.state === 'loading') reasons.push('the model is still being loaded');
    if (engine.state === 'silent') reasons.push('the model does not answer');
    if (engine.state === 'given up') reasons.push('the model does not run any more; start Parley anew');
    for (const { platform, connected = true } of this.#platforms)
      if (!connected) reasons.push(`${platform} is not connected`);
    if (reasons.length > 0) return { ok: false, body: { status: 'not ready', reasons } };
    const platforms = this.#platforms.map(({ platform }) => platform);
    return { ok: true, body: { status: 'ready', platforms } };
  }
}
