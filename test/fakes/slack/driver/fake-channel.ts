import { memberJoinedEvent } from '../payloads/message-events.ts';
import type { ChannelRecord, MessageRecord, UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { type SeenMessage, seen } from './seen-message.ts';

export interface MessageFilter {
  /** User name of the author. */
  readonly by?: string;
  /** The root's `ts`; its root included. */
  readonly thread?: string;
  /** What this user sees, by name: everybody's messages and the ephemeral ones for them. */
  readonly seenBy?: string;
  /** Deleted ones too. */
  readonly deleted?: boolean;
}

/** A channel, or direct messages, as a test looks at it. */
export class FakeChannel {
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
    return this.record.name;
  }

  /** Messages in the order of their `ts`, threads and ephemeral ones included. */
  messages(filter: MessageFilter = {}): SeenMessage[] {
    return this.record.messages
      .filter((message) => this.#matches(message, filter))
      .map((message) => seen(this.#world.workspace, message));
  }

  /** The bot's messages. */
  answers(filter: Omit<MessageFilter, 'by'> = {}): SeenMessage[] {
    return this.messages({ ...filter, by: this.#world.app.botUser.name });
  }

  message(ts: string): SeenMessage {
    return seen(this.#world.workspace, this.find(ts));
  }

  /** @throws Error when there was never such a message. */
  find(ts: string): MessageRecord {
    const record = this.record.messages.find((message) => message.ts === ts);
    if (record === undefined) throw new Error(`No message ${ts} in #${this.name}.`);
    return record;
  }

  /** Somebody joins: a note in the channel, and the events about it. */
  join(user: UserRecord): void {
    const { messaging, announcer } = this.#world;
    if (this.record.members.has(user.id)) return;
    this.record.members.add(user.id);
    messaging.post({
      channel: this.record,
      user,
      text: `<@${user.id}> has joined the channel`,
      subtype: 'channel_join',
    });
    announcer.start(announcer.subscribed(memberJoinedEvent(this.#world, user.id, this.record)));
  }

  /** The bot is invited. */
  inviteBot(): void {
    this.join(this.#world.app.botUser);
  }

  removeBot(): void {
    this.record.members.delete(this.#world.app.botUser.id);
  }

  archive(): void {
    this.record.archived = true;
  }

  #matches(message: MessageRecord, filter: MessageFilter): boolean {
    const { thread, seenBy } = filter;
    const viewer = seenBy === undefined ? undefined : this.#world.workspace.userId(seenBy);
    const hidden =
      seenBy !== undefined && message.ephemeralFor !== undefined && message.ephemeralFor !== viewer;
    return (
      !hidden &&
      (filter.deleted === true || !message.deleted) &&
      (filter.by === undefined || message.user.name === filter.by) &&
      (thread === undefined || message.threadTs === thread || message.ts === thread)
    );
  }
}
