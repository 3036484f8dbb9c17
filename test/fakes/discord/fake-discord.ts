import { type APIApplicationCommand, GatewayCloseCodes } from 'discord.js';
import { keepSecret } from '../confidential.ts';
import { Activity, type WaitOptions } from './activity.ts';
import { FakeClock } from './clock.ts';
import type { Channel } from './driver/channel.ts';
import { Guild, type NewPerson, newPerson } from './driver/guild.ts';
import { Message } from './driver/message.ts';
import type { Person } from './driver/person.ts';
import { Timeline } from './driver/timeline.ts';
import { Gateway } from './gateway/gateway.ts';
import { LoopbackServer } from './loopback-server.ts';
import { AttachmentStore } from './rest/attachment-store.ts';
import { type Fault, Faults, type FaultTarget } from './rest/faults.ts';
import { type RateLimitOptions, RateLimits } from './rest/rate-limits.ts';
import { type RequestEntry, RequestLog } from './rest/request-log.ts';
import { RestServer } from './rest/rest-server.ts';
import { Snowflakes } from './snowflakes.ts';
import { newToken, type PrivilegedIntents } from './world/application.ts';
import { everyonePermissions } from './world/permissions.ts';
import type { GuildRecord, UserRecord } from './world/records.ts';
import { World } from './world/world.ts';

export interface FakeDiscordOptions {
  /** The bot's name. Default `Parley`. */
  readonly bot?: string;
  /** The privileged switches in the developer portal. Default: all off, as for a new application. */
  readonly privileged?: Partial<PrivilegedIntents>;
  readonly rateLimits?: RateLimitOptions;
  /** What HELLO asks for. Default 41,250 ms, as Discord does. */
  readonly heartbeatIntervalMs?: number;
}

/**
 * Discord on loopback: REST, gateway and attachments behind one port, and people who use it. Point a client at
 * `apiUrl` (`rest: { api }` in discord.js); everything else it learns from the server.
 */
export class FakeDiscord {
  readonly clock: FakeClock;
  readonly gateway: Gateway;
  readonly #world: World;
  readonly #activity: Activity;
  readonly #attachments: AttachmentStore;
  readonly #faults = new Faults();
  readonly #log = new RequestLog();
  readonly #timeline: Timeline;
  readonly #server: LoopbackServer;
  #host = '';
  #tokens = 1;

  static async start(options: FakeDiscordOptions = {}): Promise<FakeDiscord> {
    const discord = new FakeDiscord(options);
    discord.#host = await discord.#server.start();
    return discord;
  }

  private constructor(options: FakeDiscordOptions) {
    const activity = new Activity();
    this.#activity = activity;
    this.clock = new FakeClock(() => activity.happened());
    const now = () => this.clock.now();
    const ids = new Snowflakes(now);
    const owner: UserRecord = person(ids.next(), 'owner', false);
    const bot: UserRecord = person(ids.next(), options.bot ?? 'Parley', true);
    const privileged = {
      messageContent: false,
      guildMembers: false,
      presences: false,
      ...options.privileged,
    };
    this.#world = new World({
      clock: this.clock,
      ids,
      activity,
      application: {
        id: bot.id,
        name: bot.username,
        ownerId: owner.id,
        token: keepSecret(newToken(bot.id, 1)),
        privileged,
      },
    });
    for (const user of [owner, bot]) this.#world.users.set(user.id, user);
    this.#timeline = new Timeline(this.#world);
    this.#attachments = new AttachmentStore(ids, now, () => `http://${this.#host}`);
    this.gateway = new Gateway({
      world: this.#world,
      activity,
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? 41_250,
      resumeUrl: () => `${this.gatewayUrl}/resume`,
    });
    const rest = new RestServer({
      world: this.#world,
      activity,
      limits: new RateLimits(options.rateLimits ?? {}),
      faults: this.#faults,
      log: this.#log,
      attachments: this.#attachments,
      gatewayUrl: () => this.gatewayUrl,
    });
    this.#server = new LoopbackServer({
      request: (request, response) => rest.handle(request, response),
      upgrade: (request, socket, head) => this.gateway.upgrade(request, socket, head),
    });
  }

  /** What `rest.api` takes; the client adds the version. */
  get apiUrl(): string {
    return `http://${this.#host}/api`;
  }

  get gatewayUrl(): string {
    return `ws://${this.#host}/gateway`;
  }

  get token(): string {
    return this.#world.application.token;
  }

  get bot(): { readonly id: string; readonly name: string; readonly mention: string } {
    const { botId, application } = this.#world;
    return { id: botId, name: application.name, mention: `<@${botId}>` };
  }

  /** A server. The bot is in it with `botPermissions` (default: those of the invite link); `null` leaves it out. */
  guild(options: { readonly name?: string; readonly botPermissions?: bigint | null } = {}): Guild {
    const id = this.#world.ids.next();
    const everyone = {
      id,
      name: '@everyone',
      permissions: everyonePermissions,
      mentionable: false,
      position: 0,
    };
    const record: GuildRecord = {
      id,
      name: options.name ?? 'A server',
      ownerId: this.#world.application.ownerId,
      roles: new Map([[id, everyone]]),
      members: new Map(),
      available: true,
    };
    this.#world.guilds.set(id, record);
    const guild = new Guild(this.#world, this.#attachments, record);
    if (options.botPermissions !== null) guild.inviteBot(options.botPermissions ?? invitePermissions);
    return guild;
  }

  /** Somebody who shares no server with the bot yet. */
  user(who: NewPerson): Person {
    return newPerson(this.#world, this.#attachments, who);
  }

  /**
   * Resolves with the first truthy value of `predicate`, which is asked again whenever something happens on the server.
   * @throws Error after the timeout (default 10 s), with a transcript of all channels
   */
  waitFor<T>(predicate: () => T | undefined | null | false, options?: WaitOptions): Promise<T> {
    return this.#activity.waitFor(predicate, () => this.#view(), options);
  }

  /** What goes wrong with the next request to this route. */
  failNext(target: FaultTarget, fault: Fault): void {
    this.#faults.add(target, fault);
  }

  /** Holds the next answer of this route back until the returned function is called. */
  holdNext(target: FaultTarget): () => void {
    const { promise, resolve } = deferred();
    this.#faults.add(target, { until: promise });
    return resolve;
  }

  /** All requests of the bot, oldest first. */
  get requests(): readonly RequestEntry[] {
    return this.#log.entries;
  }

  /** Requests that got a 429. */
  get rateLimited(): readonly RequestEntry[] {
    return this.#log.entries.filter((entry) => entry.status === 429);
  }

  /** Requests to addresses that the fake does not know: a reason to fail, or to extend it. */
  get unknownRequests(): readonly RequestEntry[] {
    return this.#log.entries.filter((entry) => entry.route === undefined);
  }

  /** Messages of the bot that sent somebody a notification. */
  get pings(): readonly Message[] {
    return [...this.#world.channels.values()]
      .flatMap((channel) => [...channel.messages.values()])
      .filter((message) => message.authorId === this.#world.botId && message.notified.length > 0)
      .map((message) => new Message(this.#world, message));
  }

  /** What the bot has registered, everywhere or in one server. */
  commands(guild?: Guild): readonly APIApplicationCommand[] {
    return this.#world.commands.list(guild?.id);
  }

  /** The switches in the developer portal, from now on; connected sessions keep what they have. */
  setPrivileged(privileged: Partial<PrivilegedIntents>): void {
    this.#world.application.privileged = { ...this.#world.application.privileged, ...privileged };
  }

  /** "Reset Token" in the developer portal: the old one is worth nothing at once. */
  resetToken(): string {
    this.#tokens += 1;
    this.#world.application.token = keepSecret(newToken(this.#world.botId, this.#tokens));
    this.gateway.forgetSessions();
    this.gateway.close(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed.');
    return this.token;
  }

  /** What a person saw in the channel, edit by edit. */
  transcript(channel: Channel, options: { readonly as?: Person } = {}): string {
    return this.#timeline.transcript(channel.id, options.as ? { as: options.as.id } : {});
  }

  async stop(): Promise<void> {
    this.gateway.stop();
    await this.#server.stop();
  }

  #view(): string {
    const channels = [...this.#world.channels.values()].filter((channel) => channel.messages.size > 0);
    const seen = channels.map(
      (channel) =>
        `--- ${channel.kind === 'dm' ? 'direct message' : channel.name}\n${this.#timeline.transcript(channel.id, { all: true })}`,
    );
    const last = this.#log.entries
      .slice(-10)
      .map(
        ({ method, path, status = 'no answer', code }) =>
          `${method} ${path} -> ${status}${code ? ` (${code})` : ''}`,
      );
    return [...seen, '--- last requests', ...last].join('\n');
  }
}

/** View, send, send in threads, create threads, history, embed, attach: the permissions of the bot's invite link. */
const invitePermissions = 309237763072n;

function person(id: string, name: string, bot: boolean): UserRecord {
  return { id, username: name, globalName: bot ? null : name, bot, acceptsDms: true };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
