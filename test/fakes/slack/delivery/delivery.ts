import type { Json } from '../json.ts';

export type DeliveryKind = 'events_api' | 'slash_commands' | 'interactive';

export interface Attempt {
  /** 0 for the first, as in `retry_attempt`. */
  readonly number: number;
  /** Why it is sent again; empty for the first. */
  readonly reason: string;
  readonly envelopeId: string;
  /** Milliseconds since the epoch, on the fake's clock. */
  readonly at: number;
  outcome: 'pending' | 'acknowledged' | 'late' | 'timeout' | 'refused' | 'closed' | 'offline';
  /** What the acknowledgement carried. */
  response?: Json;
  /** HTTP mode: the bot's status. */
  status?: number;
}

/**
 * `held`: not sent yet. `sending`: under way, or waiting for its next retry. `waiting`: for somebody to connect.
 * `lost`: nobody was connected and Slack does not send it again.
 */
export type DeliveryState = 'held' | 'sending' | 'waiting' | 'acknowledged' | 'failed' | 'lost';

/** One event, command or interaction on its way to the bot, with every attempt. */
export class Delivery {
  readonly kind: DeliveryKind;
  /** The Events API callback, the command, or the interaction, as the bot gets it. */
  readonly payload: object;
  readonly attempts: Attempt[] = [];
  state: DeliveryState = 'held';

  constructor(kind: DeliveryKind, payload: object) {
    this.kind = kind;
    this.payload = payload;
  }

  /** `app_mention`, `message`, `/summarize`, `block_actions`, … */
  get name(): string {
    const { event, command, type } = this.payload as {
      event?: { type: string };
      command?: string;
      type?: string;
    };
    return event?.type ?? command ?? type ?? this.kind;
  }

  get eventId(): string | undefined {
    return (this.payload as { event_id?: string }).event_id;
  }

  get acknowledged(): boolean {
    return this.state === 'acknowledged';
  }

  /** What the acknowledgement in time carried: the immediate answer to a command. */
  get response(): Json | undefined {
    return this.attempts.find((attempt) => attempt.outcome === 'acknowledged')?.response;
  }
}
