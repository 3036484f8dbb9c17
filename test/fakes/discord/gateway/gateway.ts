import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GatewayCloseCodes, GatewayOpcodes } from 'discord.js';
import { WebSocketServer } from 'ws';
import type { Activity } from '../activity.ts';
import type { World } from '../world/world.ts';
import { Connection } from './connection.ts';
import { type IdentifyData, type Presence, presenceData, type ResumeData } from './payload.ts';
import type { Session } from './session.ts';
import { type ResumedSession, Sessions } from './sessions.ts';

export interface GatewayParts {
  readonly world: World;
  readonly activity: Activity;
  readonly heartbeatIntervalMs: number;
  readonly resumeUrl: () => string;
}

/** A session that was taken up again. */
export interface ResumeEntry {
  readonly at: number;
  /** The last event that the client had. */
  readonly sequence: number;
  /** How many it had missed. */
  readonly replayed: number;
  readonly path: string;
}

/** The WebSocket side: who is connected, which sessions exist, what they hear, and what tests want to go wrong. */
export class Gateway {
  readonly heartbeatIntervalMs: number;
  /** What the bot has done here, oldest first. */
  readonly identifies: (IdentifyData & { readonly at: number })[] = [];
  readonly resumes: ResumeEntry[] = [];
  readonly heartbeats: { readonly at: number; readonly sequence: number | null }[] = [];
  readonly presences: Presence[] = [];
  /** Operations that the fake does not model and did not answer, such as asking for the list of members. */
  readonly unmodelled: GatewayOpcodes[] = [];
  readonly #parts: GatewayParts;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #connections = new Set<Connection>();
  readonly #sessions: Sessions;
  #acknowledges = true;
  #refused = 0;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.heartbeatIntervalMs = parts.heartbeatIntervalMs;
    this.#sessions = new Sessions(parts.world);
    parts.world.listen((event) => this.#sessions.tell(event));
  }

  /** Whether a bot is connected and has been welcomed. */
  get isConnected(): boolean {
    return [...this.#connections].some((connection) => connection.session);
  }

  /** What people see beside the bot's name. */
  get presence(): Presence | undefined {
    return this.presences.at(-1);
  }

  /** Closes all sockets with a code, as Discord does for its own reasons (4000: unknown error, resume). */
  close(code: number, reason?: string): void {
    for (const connection of this.#connections) connection.close(code, reason);
  }

  /** Drops all sockets without a close frame. */
  cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  /** Op 7: come back and resume. */
  askToReconnect(): void {
    this.#send({ op: GatewayOpcodes.Reconnect, d: null });
  }

  /** Op 9. A session that is not resumable is forgotten. */
  invalidateSession({ resumable }: { readonly resumable: boolean }): void {
    if (!resumable) this.forgetSessions();
    for (const connection of this.#connections) connection.invalidate(resumable);
  }

  /** The next resume is answered with op 9, as after too long an absence. */
  forgetSessions(): void {
    this.#sessions.forget();
  }

  /** Op 1 from the server: a heartbeat at once. */
  demandHeartbeat(): void {
    this.#send({ op: GatewayOpcodes.Heartbeat, d: null });
  }

  /** From now on heartbeats go unanswered, as on a connection that died silently; or are answered again. */
  acknowledgeHeartbeats(acknowledge: boolean): void {
    this.#acknowledges = acknowledge;
  }

  /** The next attempts to connect get a 503. */
  refuseConnections(times: number): void {
    this.#refused = times;
  }

  /** Takes over an HTTP upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://loopback');
    if (this.#refused > 0) {
      this.#refused -= 1;
      refuse(socket, '503 Service Unavailable', 'upstream connect error');
      return;
    }
    if (query.has('compress') || (query.get('encoding') ?? 'json') !== 'json') {
      refuse(socket, '400 Bad Request', 'The fake gateway speaks plain JSON: no compression, no ETF.');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      const connection = new Connection(accepted, this, pathname);
      this.#connections.add(connection);
      if (query.get('v') !== '10') connection.close(GatewayCloseCodes.InvalidAPIVersion);
    });
  }

  /** A new session, or the code to close with. */
  begin(identify: IdentifyData): Session | GatewayCloseCodes {
    this.identifies.push({ ...identify, at: this.#now() });
    return this.#sessions.begin(identify);
  }

  welcome(session: Session, identify: IdentifyData): void {
    this.#sessions.welcome(session, identify.shard, this.#parts.resumeUrl());
    const presence = presenceData.safeParse(identify.presence).data;
    if (presence) this.notePresence(presence);
    this.#parts.activity.happened();
  }

  /** The session with what it missed, the code to close with, or nothing: begin anew. */
  resume(resume: ResumeData): ResumedSession | GatewayCloseCodes | undefined {
    return this.#sessions.resume(resume);
  }

  noteResumed({ seq }: ResumeData, replayed: number, path: string): void {
    this.resumes.push({ at: this.#now(), sequence: seq, replayed, path });
    this.#parts.activity.happened();
  }

  /** Whether to acknowledge it. */
  noteHeartbeat(sequence: number | null): boolean {
    this.heartbeats.push({ at: this.#now(), sequence });
    this.#parts.activity.happened();
    return this.#acknowledges;
  }

  notePresence(presence: Presence): void {
    this.presences.push(presence);
    this.#parts.activity.happened();
  }

  noteUnmodelled(operation: GatewayOpcodes): void {
    this.unmodelled.push(operation);
    this.#parts.activity.happened();
  }

  left(connection: Connection, endsSession: boolean): void {
    this.#connections.delete(connection);
    if (endsSession && connection.session) this.#sessions.end(connection.session);
    this.#parts.activity.happened();
  }

  stop(): void {
    this.cut();
    this.#server.close();
  }

  #send(payload: object): void {
    for (const connection of this.#connections) connection.send(payload);
  }

  #now(): number {
    return this.#parts.world.clock.now();
  }
}

function refuse(socket: Duplex, status: string, text: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}
