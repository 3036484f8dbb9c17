import { GatewayCloseCodes, GatewayDispatchEvents, GatewayIntentBits } from 'discord.js';
import { applicationFlags } from '../rest/routes/identity-routes.ts';
import { userJson } from '../wire/user-json.ts';
import { disallowedIntents } from '../world/application.ts';
import type { WorldEvent } from '../world/event.ts';
import type { World } from '../world/world.ts';
import { dispatchOf, guildCreate } from './dispatch.ts';
import { has, knownIntents } from './intents.ts';
import type { IdentifyData, ResumeData } from './payload.ts';
import { type Packet, Session } from './session.ts';

export interface ResumedSession {
  readonly session: Session;
  readonly missed: readonly Packet[];
}

/** All sessions, connected or waiting for a resume. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** A new session, or the code to close with. */
  begin({ token, shard, intents }: IdentifyData): Session | GatewayCloseCodes {
    const { application, ids } = this.#world;
    if (token !== application.token) return GatewayCloseCodes.AuthenticationFailed;
    if (shard && shard[0] >= shard[1]) return GatewayCloseCodes.InvalidShard;
    if ((intents & ~knownIntents) !== 0) return GatewayCloseCodes.InvalidIntents;
    if ((intents & disallowedIntents(application)) !== 0) return GatewayCloseCodes.DisallowedIntents;
    const session = new Session(ids.next(), intents);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** READY, then every server, one by one. */
  welcome(session: Session, shard: IdentifyData['shard'], resumeUrl: string): void {
    const world = this.#world;
    const guilds = [...world.guilds.values()].filter((guild) => guild.members.has(world.botId));
    const flags = applicationFlags(world);
    session.dispatch({
      t: GatewayDispatchEvents.Ready,
      d: {
        v: 10,
        user: { ...userJson(world.user(world.botId)), verified: true, email: null, flags: 0 },
        guilds: guilds.map(({ id }) => ({ id, unavailable: true })),
        session_id: session.id,
        session_type: 'normal',
        resume_gateway_url: resumeUrl,
        application: { id: world.application.id, flags, flags_new: String(flags) },
        private_channels: [],
        ...(shard ? { shard } : {}),
      },
    });
    if (!has(session.intents, GatewayIntentBits.Guilds)) return;
    for (const guild of guilds) {
      session.dispatch(
        guild.available
          ? { t: GatewayDispatchEvents.GuildCreate, d: guildCreate(world, guild, session.intents) }
          : { t: GatewayDispatchEvents.GuildDelete, d: { id: guild.id, unavailable: true } },
      );
    }
  }

  /** The session with what it missed, the code to close with, or nothing: begin anew. */
  resume({ token, session_id, seq }: ResumeData): ResumedSession | GatewayCloseCodes | undefined {
    if (token !== this.#world.application.token) return GatewayCloseCodes.AuthenticationFailed;
    const session = this.#sessions.get(session_id);
    if (!session) return undefined;
    if (seq > session.sequence) return GatewayCloseCodes.InvalidSeq;
    const missed = session.missedSince(seq);
    return missed && { session, missed };
  }

  tell(event: WorldEvent): void {
    for (const session of this.#sessions.values()) {
      const dispatch = dispatchOf(this.#world, event, session.intents);
      if (dispatch) session.dispatch(dispatch);
    }
  }

  end(session: Session): void {
    this.#sessions.delete(session.id);
  }

  forget(): void {
    this.#sessions.clear();
  }
}
