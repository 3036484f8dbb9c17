import type { Delivery } from '../delivery/delivery.ts';

/** What a person posted, and the events the app gets of it. */
export interface Said {
  readonly ts: string;
  readonly channel: string;
  /** The root of the thread it stands in, or itself: where an answer in a thread goes. */
  readonly threadTs: string;
  readonly permalink: string;
  readonly deliveries: readonly Delivery[];
}

/** A command or a press, with its way to the app. */
export interface Triggered {
  readonly delivery: Delivery;
  readonly responseUrl: string;
}
