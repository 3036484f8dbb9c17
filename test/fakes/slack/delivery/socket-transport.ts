import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { pick } from '../random.ts';
import type { World } from '../workspace/world.ts';
import type { Attempt, Delivery } from './delivery.ts';
import { type DisconnectReason, SocketConnection } from './socket-connection.ts';
import type { Outcome, Transport } from './transport.ts';

/** Socket Mode: every message goes to one of the bot's connections, chosen at random. */
export class SocketTransport implements Transport {
  readonly timeoutReason = 'timeout';
  readonly #world: World;
  readonly #server = new WebSocketServer({ noServer: true, autoPong: false });
  readonly #tickets = new Set<string>();
  #connections: SocketConnection[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** The connections that take messages now, oldest first. */
  get connections(): readonly SocketConnection[] {
    this.#connections = this.#connections.filter((connection) => connection.usable);
    return this.#connections;
  }

  get ready(): boolean {
    return this.connections.length > 0;
  }

  /** An address for one connection, as `apps.connections.open` hands out. */
  issueUrl(): string {
    const ticket = this.#world.ids.uuid();
    this.#tickets.add(ticket);
    return `${this.#world.origin.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${this.#world.app.appId}`;
  }

  /** Takes over an upgrade request; a ticket is good once. */
  accept(request: IncomingMessage, tcp: Socket, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', this.#world.origin).searchParams.get('ticket') ?? '';
    if (!this.#tickets.delete(ticket)) {
      tcp.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, tcp, head, (socket) => {
      const others = this.connections.length;
      this.#connections.push(new SocketConnection(this.#world, socket, others));
      this.#world.deliveries.connected();
      this.#world.changes.notify();
    });
  }

  send(delivery: Delivery, attempt: Attempt, settle: (outcome: Outcome) => void): void {
    const connection = pick(this.connections, this.#world.random);
    if (connection === undefined) settle({ kind: 'offline' });
    else connection.send(delivery, attempt, settle);
  }

  /** Announces the end of every connection. */
  disconnectAll(reason: DisconnectReason): void {
    for (const connection of this.connections) connection.disconnect(reason);
  }

  /** Cuts every connection without a word. */
  dropAll(): void {
    for (const connection of this.connections) connection.drop();
  }

  async stop(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }
}
