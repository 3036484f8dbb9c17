import type { APIEmbed } from 'discord.js';
import { current, isLoading } from '../world/messages.ts';
import type { MessageRecord, MessageVersion, UserRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';

/** A button as a person sees it. */
export interface Button {
  readonly label: string;
  readonly customId: string | undefined;
  readonly disabled: boolean;
}

/** A message, live: it always tells how it looks now. */
export class Message {
  readonly record: MessageRecord;
  readonly #world: World;

  constructor(world: World, record: MessageRecord) {
    this.#world = world;
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  get channelId(): string {
    return this.record.channelId;
  }

  get author(): UserRecord {
    return this.#world.user(this.record.authorId);
  }

  get isOwn(): boolean {
    return this.record.authorId === this.#world.botId;
  }

  get content(): string {
    return current(this.record).content;
  }

  get embeds(): readonly APIEmbed[] {
    return current(this.record).embeds;
  }

  /** How it looked, from the first to the last edit, with times. */
  get versions(): readonly MessageVersion[] {
    return this.record.versions;
  }

  get buttons(): readonly Button[] {
    return current(this.record).components.flatMap(({ components }) =>
      components.map(({ label, emoji, custom_id, disabled }) => ({
        label: label ?? emoji?.name ?? '',
        customId: custom_id,
        disabled: disabled ?? false,
      })),
    );
  }

  /** "… is thinking": deferred, and not yet answered. */
  get isLoading(): boolean {
    return isLoading(this.record);
  }

  get isDeleted(): boolean {
    return this.record.deletedAt !== undefined;
  }

  /** Only one person sees it. */
  get isEphemeral(): boolean {
    return this.record.ephemeralFor !== undefined;
  }

  get replyTo(): string | undefined {
    return this.record.reference?.messageId;
  }

  /** Ids of people who got a notification from it. */
  get notified(): readonly string[] {
    return this.record.notified;
  }

  /** Ids of people for whom it is highlighted now, with or without a notification. */
  get mentions(): readonly string[] {
    return current(this.record).mentions.users;
  }

  /** The address that "Copy Message Link" gives. */
  get link(): string {
    const channel = this.#world.channel(this.channelId);
    const guild = channel.kind === 'dm' ? '@me' : channel.guildId;
    return `https://discord.com/channels/${guild}/${this.channelId}/${this.id}`;
  }
}
