import type { Json } from '../json.ts';
import type { Attempt, Delivery } from './delivery.ts';

/** How one attempt ended, as far as the wire tells. That nothing came back in time is not the transport's to say. */
export type Outcome =
  | { readonly kind: 'acknowledged'; readonly response?: Json }
  | { readonly kind: 'refused'; readonly reason: string; readonly status?: number; readonly noRetry: boolean }
  /** The connection ended before an acknowledgement. */
  | { readonly kind: 'closed' }
  /** There was nobody to send it to. */
  | { readonly kind: 'offline' };

/** The road from Slack to the bot: Socket Mode or HTTP. */
export interface Transport {
  /** What a retry after a timeout gives as its reason. */
  readonly timeoutReason: string;
  /** Somebody is there to receive. */
  readonly ready: boolean;
  /** Sends one attempt; `settle` may be called late, after the attempt was given up. */
  send(delivery: Delivery, attempt: Attempt, settle: (outcome: Outcome) => void): void;
  stop(): Promise<void>;
}
