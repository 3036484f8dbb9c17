import type { ChannelRecord } from '../world/records.ts';
import { openThread } from '../world/threads.ts';
import type { World } from '../world/world.ts';
import { Message } from './message.ts';

/** A text channel, a thread or a direct conversation. */
export class Channel {
  readonly record: ChannelRecord;
  readonly #world: World;

  constructor(world: World, record: ChannelRecord) {
    this.#world = world;
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  get name(): string {
    return this.record.kind === 'dm' ? 'direct message' : this.record.name;
  }

  get mention(): string {
    return `<#${this.id}>`;
  }

  /** What is here now, oldest first. Ephemeral messages show only to the person named in `as`. */
  messages(options: { readonly as?: { readonly id: string } } = {}): Message[] {
    return [...this.record.messages.values()]
      .filter((one) => one.deletedAt === undefined)
      .filter((one) => !one.ephemeralFor || one.ephemeralFor === options.as?.id)
      .map((one) => new Message(this.#world, one));
  }

  /** What the bot has written here, oldest first, ephemeral and deleted ones too. */
  fromBot(): Message[] {
    return [...this.record.messages.values()]
      .filter((one) => one.authorId === this.#world.botId)
      .map((one) => new Message(this.#world, one));
  }

  /** Threads of this channel, oldest first. */
  threads(): Channel[] {
    return [...this.#world.channels.values()]
      .filter((one) => one.kind === 'thread' && one.parentId === this.id)
      .map((one) => new Channel(this.#world, one));
  }

  /** Takes permissions away here, from a role (`guild.everyone`, `guild.botRole`), a person or the bot. */
  deny(target: { readonly id: string }, permissions: bigint): void {
    this.#overwrite(target.id, { allow: 0n, deny: permissions });
  }

  allow(target: { readonly id: string }, permissions: bigint): void {
    this.#overwrite(target.id, { allow: permissions, deny: 0n });
  }

  /** A thread that somebody opened, on a message or on nothing. */
  thread(options: {
    readonly name: string;
    readonly by: { readonly id: string };
    readonly from?: Message;
    readonly private?: boolean;
  }): Channel {
    if (this.record.kind !== 'text') throw new Error('Threads hang on text channels.');
    const thread = openThread(this.#world, {
      parent: this.record,
      name: options.name,
      ownerId: options.by.id,
      ...(options.from ? { from: options.from.record } : {}),
      ...(options.private ? { private: true } : {}),
    });
    return new Channel(this.#world, thread);
  }

  /** Archives a thread, as Discord does with quiet ones; a locked one stays so. */
  archive(options: { readonly locked?: boolean } = {}): void {
    if (this.record.kind !== 'thread') throw new Error('Only threads are archived.');
    this.record.archived = true;
    this.record.locked = options.locked ?? false;
    this.#world.emit({ type: 'thread-updated', thread: this.record });
  }

  #overwrite(id: string, { allow, deny }: { readonly allow: bigint; readonly deny: bigint }): void {
    const channel = this.record;
    if (channel.kind !== 'text')
      throw new Error('Only text channels have overwrites; threads follow theirs.');
    const kind = this.#world.guild(channel.guildId).roles.has(id) ? 'role' : 'member';
    const before = channel.overwrites.get(id);
    channel.overwrites.set(id, {
      id,
      kind,
      allow: ((before?.allow ?? 0n) & ~deny) | allow,
      deny: ((before?.deny ?? 0n) & ~allow) | deny,
    });
    this.#world.emit({ type: 'channel-updated', channel });
  }
}
