import type { AttachmentStore } from '../rest/attachment-store.ts';
import type { GuildRecord, RoleRecord, TextChannelRecord, UserRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { Channel } from './channel.ts';
import { Person } from './person.ts';

export interface NewPerson {
  readonly name: string;
  readonly bot?: boolean;
}

/** A server with its roles, members and channels. */
export class Guild {
  readonly record: GuildRecord;
  readonly #world: World;
  readonly #attachments: AttachmentStore;

  constructor(world: World, attachments: AttachmentStore, record: GuildRecord) {
    this.#world = world;
    this.#attachments = attachments;
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  get name(): string {
    return this.record.name;
  }

  /** The role that everybody has. */
  get everyone(): RoleRecord {
    return this.#role(this.id);
  }

  /** The bot's own role, which came with its invite. */
  get botRole(): RoleRecord {
    const role = [...this.record.roles.values()].find((one) => one.botId === this.#world.botId);
    if (!role) throw new Error(`The bot is not in ${this.name}.`);
    return role;
  }

  channel(options: { readonly name: string; readonly topic?: string }): Channel {
    const record: TextChannelRecord = {
      kind: 'text',
      id: this.#world.ids.next(),
      guildId: this.id,
      name: options.name,
      topic: options.topic ?? null,
      position: this.#world.channels.size,
      overwrites: new Map(),
      messages: new Map(),
    };
    this.#world.channels.set(record.id, record);
    this.#world.emit({ type: 'channel-created', channel: record });
    return new Channel(this.#world, record);
  }

  role(options: {
    readonly name: string;
    readonly permissions?: bigint;
    readonly mentionable?: boolean;
  }): RoleRecord {
    const role: RoleRecord = {
      id: this.#world.ids.next(),
      name: options.name,
      permissions: options.permissions ?? 0n,
      mentionable: options.mentionable ?? false,
      position: this.record.roles.size,
    };
    this.record.roles.set(role.id, role);
    this.#world.emit({ type: 'role-created', guild: this.record, role });
    return role;
  }

  /** What the role may do from now on. */
  permit(role: RoleRecord, permissions: bigint): void {
    role.permissions = permissions;
    this.#world.emit({ type: 'role-updated', guild: this.record, role });
  }

  /** A new person who joins at once. */
  person(who: NewPerson, options: Joining = {}): Person {
    return this.join(newPerson(this.#world, this.#attachments, who), options);
  }

  join(person: Person, options: Joining = {}): Person {
    this.record.members.set(person.id, {
      userId: person.id,
      nick: options.nick ?? null,
      roles: new Set(options.roles?.map((role) => role.id)),
      joinedAt: this.#world.clock.now(),
    });
    this.#world.emit({ type: 'member-joined', guild: this.record, userId: person.id });
    return person;
  }

  /** The bot joins with these permissions on its own role, as from an invite link. */
  inviteBot(permissions: bigint): void {
    const { botId, application } = this.#world;
    const role: RoleRecord = {
      id: this.#world.ids.next(),
      name: application.name,
      permissions,
      mentionable: false,
      position: this.record.roles.size,
      botId,
    };
    this.record.roles.set(role.id, role);
    this.record.members.set(botId, {
      userId: botId,
      nick: null,
      roles: new Set([role.id]),
      joinedAt: this.#world.clock.now(),
    });
    this.#announce();
  }

  removeBot(): void {
    this.record.members.delete(this.#world.botId);
    this.#world.emit({ type: 'guild-gone', guild: this.record, outage: false });
  }

  /** The server is unavailable until `recover()`. */
  fail(): void {
    this.record.available = false;
    this.#world.emit({ type: 'guild-gone', guild: this.record, outage: true });
  }

  recover(): void {
    this.record.available = true;
    this.#announce();
  }

  #announce(): void {
    if (!this.record.members.has(this.#world.botId)) return;
    this.#world.emit({ type: 'guild-available', guild: this.record });
  }

  #role(id: string): RoleRecord {
    const role = this.record.roles.get(id);
    if (!role) throw new Error(`${this.name} has no role ${id}.`);
    return role;
  }
}

export interface Joining {
  readonly nick?: string;
  readonly roles?: readonly RoleRecord[];
}

/** Somebody who is nowhere yet. */
export function newPerson(world: World, attachments: AttachmentStore, { name, bot }: NewPerson): Person {
  const record: UserRecord = {
    id: world.ids.next(),
    username: name.toLowerCase().replace(/[^a-z0-9_.]/g, '_'),
    globalName: bot ? null : name,
    bot: bot ?? false,
    acceptsDms: true,
  };
  world.users.set(record.id, record);
  return new Person(world, attachments, record);
}
