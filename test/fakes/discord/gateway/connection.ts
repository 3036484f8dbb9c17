import { GatewayCloseCodes, GatewayDispatchEvents, GatewayOpcodes } from 'discord.js';
import type { WebSocket } from 'ws';
import type { Gateway } from './gateway.ts';
import { clientPayload, identifyData, presenceData, resumeData } from './payload.ts';
import type { Packet, Session } from './session.ts';

/** Longer payloads are refused. */
const maxPayloadBytes = 4096;

/** How many payloads a client may send in a minute. */
const maxPayloads = 120;

/** Without a heartbeat for this many intervals the server gives the connection up. */
const patience = 2;

/** One socket: greeting, heartbeats, and what the client asks for. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #gateway: Gateway;
  readonly #path: string;
  readonly #deliver = (packet: Packet): void => this.send(packet);
  #session: Session | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #closedByServer = false;
  #sentInWindow = 0;
  #windowEndsAt = 0;

  /** @param path where the client connected: Discord wants resumes at an address of their own */
  constructor(socket: WebSocket, gateway: Gateway, path: string) {
    this.#socket = socket;
    this.#gateway = gateway;
    this.#path = path;
    socket.on('message', (data) => {
      const mistake = this.#receive(data.toString());
      if (mistake !== undefined) this.close(mistake);
    });
    socket.on('close', (code) => this.#closed(code));
    this.#waitForHeartbeat();
    this.send({
      op: GatewayOpcodes.Hello,
      s: null,
      t: null,
      d: { heartbeat_interval: gateway.heartbeatIntervalMs },
    });
  }

  get session(): Session | undefined {
    return this.#session;
  }

  send(payload: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(payload));
  }

  close(code: number, reason = ''): void {
    this.#closedByServer = true;
    this.#leaveSession();
    this.#socket.close(code, reason);
  }

  /** Op 9: the client has to identify or resume again, on this socket or another. */
  invalidate(resumable: boolean): void {
    this.#leaveSession();
    this.#session = undefined;
    this.send({ op: GatewayOpcodes.InvalidSession, d: resumable });
  }

  /** The network is gone: no close frame. */
  cut(): void {
    this.#leaveSession();
    this.#socket.terminate();
  }

  /** The code to close with, if the client did something wrong. */
  #receive(text: string): GatewayCloseCodes | undefined {
    if (Buffer.byteLength(text) > maxPayloadBytes) return GatewayCloseCodes.DecodeError;
    const payload = clientPayload.safeParse(parse(text)).data;
    if (!payload) return GatewayCloseCodes.DecodeError;
    if (this.#isTooFast()) return GatewayCloseCodes.RateLimited;
    switch (payload.op) {
      case GatewayOpcodes.Heartbeat:
        return this.#heartbeat(payload.d);
      case GatewayOpcodes.Identify:
        return this.#identify(payload.d);
      case GatewayOpcodes.Resume:
        return this.#resume(payload.d);
    }
    if (!this.#session) return GatewayCloseCodes.NotAuthenticated;
    if (payload.op === GatewayOpcodes.PresenceUpdate) {
      const presence = presenceData.safeParse(payload.d).data;
      if (!presence) return GatewayCloseCodes.DecodeError;
      this.#gateway.notePresence(presence);
      return undefined;
    }
    if (!Object.values(GatewayOpcodes).includes(payload.op)) return GatewayCloseCodes.UnknownOpcode;
    this.#gateway.noteUnmodelled(payload.op);
    return undefined;
  }

  #heartbeat(sequence: unknown): undefined {
    this.#waitForHeartbeat();
    const acknowledged = this.#gateway.noteHeartbeat(typeof sequence === 'number' ? sequence : null);
    if (acknowledged) this.send({ op: GatewayOpcodes.HeartbeatAck });
  }

  #identify(data: unknown): GatewayCloseCodes | undefined {
    if (this.#session) return GatewayCloseCodes.AlreadyAuthenticated;
    const identify = identifyData.safeParse(data).data;
    if (!identify) return GatewayCloseCodes.DecodeError;
    const session = this.#gateway.begin(identify);
    if (typeof session === 'number') return session;
    this.#enter(session);
    this.#gateway.welcome(session, identify);
    return undefined;
  }

  #resume(data: unknown): GatewayCloseCodes | undefined {
    if (this.#session) return GatewayCloseCodes.AlreadyAuthenticated;
    const resume = resumeData.safeParse(data).data;
    if (!resume) return GatewayCloseCodes.DecodeError;
    const found = this.#gateway.resume(resume);
    if (typeof found === 'number') return found;
    if (!found) {
      this.send({ op: GatewayOpcodes.InvalidSession, d: false });
      return undefined;
    }
    for (const packet of found.missed) this.send(packet);
    this.#enter(found.session);
    found.session.dispatch({ t: GatewayDispatchEvents.Resumed, d: {} });
    this.#gateway.noteResumed(resume, found.missed.length, this.#path);
    return undefined;
  }

  #enter(session: Session): void {
    this.#session = session;
    session.send = this.#deliver;
  }

  /** A session that was resumed elsewhere belongs to its new socket. */
  #leaveSession(): void {
    if (this.#session?.send === this.#deliver) delete this.#session.send;
  }

  /** A client that closes with 1000 or 1001 ends its session; after any other code it may come back. */
  #closed(code: number): void {
    clearTimeout(this.#deadline);
    this.#leaveSession();
    const endsSession = !this.#closedByServer && (code === 1000 || code === 1001);
    this.#gateway.left(this, endsSession);
  }

  #waitForHeartbeat(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(
      () => this.close(GatewayCloseCodes.SessionTimedOut),
      this.#gateway.heartbeatIntervalMs * patience,
    );
  }

  #isTooFast(): boolean {
    if (performance.now() > this.#windowEndsAt) {
      this.#windowEndsAt = performance.now() + 60_000;
      this.#sentInWindow = 0;
    }
    this.#sentInWindow += 1;
    return this.#sentInWindow > maxPayloads;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
