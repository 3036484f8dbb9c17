import type { Timer } from '../clock.ts';
import type { Json } from '../json.ts';
import { shuffled } from '../random.ts';
import type { World } from '../workspace/world.ts';
import { type Attempt, Delivery, type DeliveryKind } from './delivery.ts';
import type { Outcome, Transport } from './transport.ts';

export interface DeliveryHandlers {
  /** Acknowledged in time. */
  readonly onAcknowledged?: (response: Json | undefined) => void;
  /** Given up, with the name of the error that Slack shows to the person. */
  readonly onFailed?: (error: 'dispatch_failed' | 'operation_timeout') => void;
}

export interface RedeliverOptions {
  /** The same event under another event id, as one message has been seen to arrive. */
  readonly newEventId?: boolean;
}

/**
 * Sends to the bot what happens in the workspace, waits for acknowledgements, and sends events again that got none.
 * Commands and interactions get one attempt: the person sees that it failed.
 */
export class Deliveries {
  readonly all: Delivery[] = [];
  readonly #world: World;
  readonly #transport: Transport;
  readonly #handlers = new Map<Delivery, DeliveryHandlers>();
  readonly #retries = new Map<Delivery, Timer>();
  #missedOffline = 0;

  constructor(world: World, transport: Transport) {
    this.#world = world;
    this.#transport = transport;
  }

  /** A delivery that waits for `start`. */
  create(kind: DeliveryKind, payload: object, handlers: DeliveryHandlers = {}): Delivery {
    const delivery = new Delivery(kind, payload);
    this.#handlers.set(delivery, handlers);
    this.all.push(delivery);
    return delivery;
  }

  start(delivery: Delivery): void {
    if (delivery.state !== 'held') return;
    delivery.state = 'sending';
    this.#attempt(delivery, '');
  }

  /** Sends the same event again, whatever became of it before. */
  redeliver(delivery: Delivery, times: number, options: RedeliverOptions = {}): void {
    for (let time = 0; time < times; time += 1) {
      if (options.newEventId !== true) {
        this.#attempt(delivery, this.#transport.timeoutReason, true);
        continue;
      }
      const payload = { ...structuredClone(delivery.payload), event_id: this.#world.ids.id('Ev') };
      this.start(this.create(delivery.kind, payload));
    }
  }

  /** Every delivery this many times, all in one shuffled order. */
  storm(deliveries: readonly Delivery[], times: number): void {
    const rounds = deliveries.flatMap((delivery) => Array.from({ length: times }, () => delivery));
    for (const delivery of shuffled(rounds, this.#world.random)) {
      if (delivery.state === 'held') this.start(delivery);
      else this.redeliver(delivery, 1);
    }
  }

  /** Called by the transport when somebody is there again. */
  connected(): void {
    for (const delivery of this.all) {
      if (delivery.state !== 'waiting') continue;
      delivery.state = 'sending';
      this.#attempt(delivery, this.#transport.timeoutReason);
    }
  }

  #attempt(delivery: Delivery, reason: string, forced = false): void {
    const { clock, ids, options, changes } = this.#world;
    const attempt: Attempt = {
      number: delivery.attempts.length,
      reason,
      envelopeId: ids.uuid(),
      at: clock.now(),
      outcome: 'pending',
    };
    delivery.attempts.push(attempt);
    const timeout = clock.after(options.delivery.ackTimeoutMs, () => {
      attempt.outcome = 'timeout';
      if (!forced) this.#again(delivery, this.#transport.timeoutReason);
      changes.notify();
    });
    this.#transport.send(delivery, attempt, (outcome) => {
      timeout.cancel();
      this.#settle(delivery, attempt, outcome, forced);
      changes.notify();
    });
    changes.notify();
  }

  #settle(delivery: Delivery, attempt: Attempt, outcome: Outcome, forced: boolean): void {
    const late = attempt.outcome !== 'pending';
    if (outcome.kind === 'acknowledged') {
      attempt.outcome = late ? 'late' : 'acknowledged';
      if (outcome.response !== undefined) attempt.response = outcome.response;
      this.#retries.get(delivery)?.cancel();
      if (delivery.state === 'failed') return;
      delivery.state = 'acknowledged';
      if (!late) this.#handlers.get(delivery)?.onAcknowledged?.(outcome.response);
      return;
    }
    if (late) return;
    attempt.outcome = outcome.kind;
    if (outcome.kind === 'refused') {
      if (outcome.status !== undefined) attempt.status = outcome.status;
      if (!forced) this.#again(delivery, outcome.reason, outcome.noRetry);
    } else if (!forced) this.#waitForConnection(delivery, outcome.kind);
  }

  /** The next retry of an event after its wait; the end for everything else. */
  #again(delivery: Delivery, reason: string, noRetry = false): void {
    if (delivery.acknowledged) return;
    const delay = this.#world.options.delivery.retryDelaysMs[delivery.attempts.length - 1];
    if (delivery.kind !== 'events_api' || delay === undefined || noRetry) {
      delivery.state = 'failed';
      this.#handlers.get(delivery)?.onFailed?.('operation_timeout');
      return;
    }
    const timer = this.#world.clock.after(delay, () => this.#attempt(delivery, reason));
    this.#retries.set(delivery, timer);
  }

  #waitForConnection(delivery: Delivery, why: 'offline' | 'closed'): void {
    if (delivery.kind !== 'events_api') {
      delivery.state = 'failed';
      this.#handlers.get(delivery)?.onFailed?.('dispatch_failed');
      return;
    }
    const firstMissed = why === 'offline' && delivery.attempts.length === 1;
    if (firstMissed && !this.#world.options.delivery.keepsWhileOffline(this.#missedOffline++)) {
      delivery.state = 'lost';
      return;
    }
    delivery.state = 'waiting';
    if (this.#transport.ready) this.#world.clock.after(0, () => this.connected());
  }
}
