import { GatewayOpcodes } from 'discord.js';
import type { Dispatch } from './dispatch.ts';

/** Events kept for a resume; a bot that misses more has to begin anew. */
const kept = 5_000;

export interface Packet extends Dispatch {
  readonly op: GatewayOpcodes.Dispatch;
  readonly s: number;
}

/** The server's side of a bot's session: numbered events, which outlive the socket that they were sent on. */
export class Session {
  readonly id: string;
  readonly intents: number;
  /** Where events go now; absent while the bot is away. */
  send?: (packet: Packet) => void;
  readonly #packets: Packet[] = [];
  #sequence = 0;

  constructor(id: string, intents: number) {
    this.id = id;
    this.intents = intents;
  }

  get sequence(): number {
    return this.#sequence;
  }

  dispatch({ t, d }: Dispatch): void {
    this.#sequence += 1;
    const packet: Packet = { op: GatewayOpcodes.Dispatch, s: this.#sequence, t, d };
    this.#packets.push(packet);
    if (this.#packets.length > kept) this.#packets.shift();
    this.send?.(packet);
  }

  /** Everything after `sequence`, or undefined when some of it is no longer kept. */
  missedSince(sequence: number): readonly Packet[] | undefined {
    const missed = this.#packets.filter((packet) => packet.s > sequence);
    return missed.length === this.#sequence - sequence ? missed : undefined;
  }
}
