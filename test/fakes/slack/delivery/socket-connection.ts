import type { WebSocket } from 'ws';
import type { Timer } from '../clock.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { World } from '../workspace/world.ts';
import type { Attempt, Delivery } from './delivery.ts';
import type { Outcome } from './transport.ts';

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled';

const HOST = 'applink-7fc4fdbb64-4x5xq';

/** One WebSocket of the bot's. */
export class SocketConnection {
  readonly #world: World;
  readonly #socket: WebSocket;
  readonly #inFlight = new Map<string, (outcome: Outcome) => void>();
  readonly #pings: NodeJS.Timeout;
  #closing: Timer | undefined;
  /** A refresh was announced: nothing new is sent here. */
  #retired = false;
  #frozen = false;

  constructor(world: World, socket: WebSocket, others: number) {
    this.#world = world;
    this.#socket = socket;
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('ping', (data) => {
      if (!this.#frozen) socket.pong(data);
    });
    socket.on('close', () => this.#closed());
    socket.on('error', () => socket.terminate());
    this.#pings = setInterval(
      () => socket.ping(`Ping from ${HOST}`),
      world.options.socket.pingIntervalMs,
    ).unref();
    this.#write({
      type: 'hello',
      num_connections: others + 1,
      debug_info: { host: HOST, build_number: 10, approximate_connection_time: 18060 },
      connection_info: { app_id: world.app.appId },
    });
  }

  get usable(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && !this.#retired;
  }

  send(delivery: Delivery, attempt: Attempt, settle: (outcome: Outcome) => void): void {
    this.#inFlight.set(attempt.envelopeId, settle);
    this.#write({
      envelope_id: attempt.envelopeId,
      payload: delivery.payload,
      type: delivery.kind,
      accepts_response_payload: delivery.kind !== 'events_api',
      ...(delivery.kind === 'events_api' && {
        retry_attempt: attempt.number,
        retry_reason: attempt.reason,
      }),
    });
  }

  /** Tells the bot that this connection ends soon, and ends it when the bot does not. */
  disconnect(reason: DisconnectReason): void {
    this.#retired = true;
    this.#write({ type: 'disconnect', reason, debug_info: { host: HOST } });
    const { closeAfterMs } = this.#world.options.socket;
    this.#closing = this.#world.clock.after(closeAfterMs, () => this.#socket.close(1000));
  }

  /** Cuts the line without a word. */
  drop(): void {
    this.#socket.terminate();
  }

  /**
   * The line dies in the direction from the bot: what it sends, pings and acknowledgements too, gets lost. Slack does
   * not know, and goes on sending here.
   */
  freeze(): void {
    this.#frozen = true;
    clearInterval(this.#pings);
  }

  #receive(data: string): void {
    if (this.#frozen) return;
    const message: unknown = JSON.parse(data);
    if (!isJsonObject(message) || typeof message.envelope_id !== 'string') return;
    const settle = this.#inFlight.get(message.envelope_id);
    this.#inFlight.delete(message.envelope_id);
    settle?.(acknowledgement(message.payload));
  }

  #closed(): void {
    clearInterval(this.#pings);
    this.#closing?.cancel();
    const unanswered = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#retired = true;
    for (const settle of unanswered) settle({ kind: 'closed' });
    this.#world.changes.notify();
  }

  #write(message: object): void {
    this.#socket.send(JSON.stringify(message), () => {
      // A line that ends at this moment shows in the close event.
    });
  }
}

/** An empty payload, as Bolt sends with a bare `ack()`, says nothing. */
function acknowledgement(payload: Json | undefined): Outcome {
  const empty = payload === undefined || (isJsonObject(payload) && Object.keys(payload).length === 0);
  return empty ? { kind: 'acknowledged' } : { kind: 'acknowledged', response: payload };
}
