import { PermissionFlagsBits } from 'discord.js';
import type { Activity } from '../activity.ts';
import type { FakeClock } from '../clock.ts';
import { ApiError } from '../rest/api-error.ts';
import type { Snowflakes } from '../snowflakes.ts';
import type { ApplicationRecord } from './application.ts';
import { CommandRegistry } from './command-registry.ts';
import type { WorldEvent } from './event.ts';
import { Nonces } from './nonces.ts';
import { allPermissions, channelPermissions, threadPermissions } from './permissions.ts';
import type {
  ChannelRecord,
  GuildRecord,
  InteractionRecord,
  MemberRecord,
  MessageRecord,
  RoleRecord,
  UserRecord,
} from './records.ts';

/** What both ends of a direct message may do. */
const dmPermissions =
  allPermissions &
  ~(
    PermissionFlagsBits.ManageMessages |
    PermissionFlagsBits.ManageThreads |
    PermissionFlagsBits.MentionEveryone
  );

/** Everything that the server knows, and who hears about changes. What happens to it is in the files beside. */
export class World {
  readonly users = new Map<string, UserRecord>();
  readonly guilds = new Map<string, GuildRecord>();
  readonly channels = new Map<string, ChannelRecord>();
  /** By token. */
  readonly interactions = new Map<string, InteractionRecord>();
  readonly commands: CommandRegistry;
  readonly nonces: Nonces;
  readonly clock: FakeClock;
  readonly ids: Snowflakes;
  readonly application: ApplicationRecord;
  readonly #activity: Activity;
  readonly #listeners: ((event: WorldEvent) => void)[] = [];

  constructor(parts: {
    readonly clock: FakeClock;
    readonly ids: Snowflakes;
    readonly activity: Activity;
    readonly application: ApplicationRecord;
  }) {
    this.clock = parts.clock;
    this.ids = parts.ids;
    this.application = parts.application;
    this.#activity = parts.activity;
    this.nonces = new Nonces(() => parts.clock.now());
    this.commands = new CommandRegistry(parts.application.id, parts.ids);
  }

  get botId(): string {
    return this.application.id;
  }

  listen(listener: (event: WorldEvent) => void): void {
    this.#listeners.push(listener);
  }

  emit(event: WorldEvent): void {
    for (const listener of this.#listeners) listener(event);
    this.#activity.happened();
  }

  /** @throws ApiError 10013 */
  user(id: string): UserRecord {
    return this.users.get(id) ?? refuse('unknownUser');
  }

  /** @throws ApiError 10004 */
  guild(id: string): GuildRecord {
    return this.guilds.get(id) ?? refuse('unknownGuild');
  }

  /** @throws ApiError 10003 */
  channel(id: string): ChannelRecord {
    return this.channels.get(id) ?? refuse('unknownChannel');
  }

  /** @throws ApiError 10007 */
  member(guild: GuildRecord, userId: string): MemberRecord {
    return guild.members.get(userId) ?? refuse('unknownMember');
  }

  role(guild: GuildRecord, id: string): RoleRecord | undefined {
    return guild.roles.get(id);
  }

  /**
   * A message that everybody in the channel can see.
   * @throws ApiError 10008 for deleted and for ephemeral ones, as if they never were.
   */
  message(channel: ChannelRecord, id: string): MessageRecord {
    const message = channel.messages.get(id);
    if (!message || message.deletedAt !== undefined || message.ephemeralFor) return refuse('unknownMessage');
    return message;
  }

  guildOf(channel: ChannelRecord): GuildRecord | undefined {
    return channel.kind === 'dm' ? undefined : this.guild(channel.guildId);
  }

  /** What the user may do in the channel; 0n if the user is not there or cannot see it. */
  permissionsIn(channel: ChannelRecord, userId: string): bigint {
    if (channel.kind === 'dm') {
      return userId === this.botId || userId === channel.recipientId ? dmPermissions : 0n;
    }
    const guild = this.guild(channel.guildId);
    const member = guild.members.get(userId);
    if (!member) return 0n;
    if (channel.kind === 'text') return channelPermissions(guild, channel, member);
    const parent = this.channel(channel.parentId);
    if (parent.kind !== 'text') return 0n;
    return threadPermissions(channelPermissions(guild, parent, member), channel, userId);
  }

  canSee(channel: ChannelRecord, userId: string): boolean {
    return (this.permissionsIn(channel, userId) & PermissionFlagsBits.ViewChannel) !== 0n;
  }

  may(permission: bigint, channel: ChannelRecord, userId: string): boolean {
    return (this.permissionsIn(channel, userId) & permission) === permission;
  }
}

function refuse(refusal: ConstructorParameters<typeof ApiError>[0]): never {
  throw new ApiError(refusal);
}
