import { keepText } from '../../confidential.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { JsonObject } from '../json.ts';
import { wireMessage } from '../payloads/wire-message.ts';
import { type Block, withBlockIds } from '../text/blocks.ts';
import type { ChangeKind, ChannelRecord, FileRecord, MessageRecord, UserRecord } from './records.ts';
import type { World } from './world.ts';

export interface Draft {
  readonly channel: ChannelRecord;
  readonly user: UserRecord;
  readonly text: string;
  readonly blocks?: readonly Block[];
  readonly threadTs?: string;
  readonly subtype?: NonNullable<MessageRecord['subtype']>;
  readonly files?: readonly FileRecord[];
  readonly ephemeralFor?: string;
  readonly unfurlLinks?: boolean;
  readonly unfurlMedia?: boolean;
  readonly namesLinked?: boolean;
  readonly inviter?: string;
  readonly metadata?: JsonObject;
  readonly clientMessageId?: string;
  /** The app gets no event of it. */
  readonly unannounced?: boolean;
}

/** What a change leaves out stays as it was. */
export interface Change {
  readonly how: ChangeKind;
  readonly text?: string;
  readonly blocks?: readonly Block[];
  readonly editedBy?: string;
}

/** Puts messages into conversations, changes and removes them: the state first, then the events about it. */
export class Messaging {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** The deliveries about the message are not started. */
  put(draft: Draft): { message: MessageRecord; deliveries: Delivery[] } {
    const { ids, clock, changes, announcer } = this.#world;
    keepText(draft.text);
    const message: MessageRecord = {
      channel: draft.channel,
      ts: ids.ts(),
      user: draft.user,
      text: draft.text,
      blocks: this.#named(draft.blocks ?? []),
      files: draft.files ?? [],
      unfurlLinks: draft.unfurlLinks ?? false,
      unfurlMedia: draft.unfurlMedia ?? true,
      namesLinked: draft.namesLinked ?? false,
      deleted: false,
      versions: [],
      ...(draft.subtype !== undefined && { subtype: draft.subtype }),
      ...(draft.threadTs !== undefined && { threadTs: draft.threadTs }),
      ...(draft.ephemeralFor !== undefined && { ephemeralFor: draft.ephemeralFor }),
      ...(draft.inviter !== undefined && { inviter: draft.inviter }),
      ...(draft.metadata !== undefined && { metadata: draft.metadata }),
      ...(draft.clientMessageId !== undefined && { clientMessageId: draft.clientMessageId }),
    };
    message.versions.push({ at: clock.now(), how: 'posted', text: message.text, blocks: message.blocks });
    draft.channel.messages.push(message);
    const deliveries = draft.unannounced === true ? [] : announcer.posted(message);
    changes.notify();
    return { message, deliveries };
  }

  /** `put`, and everybody hears of it at once. */
  post(draft: Draft): MessageRecord {
    const { message, deliveries } = this.put(draft);
    this.#world.announcer.start(deliveries);
    return message;
  }

  change(message: MessageRecord, change: Change): Delivery[] {
    const { announcer, ids } = this.#world;
    const previous = wireMessage(this.#world, message);
    if (change.text !== undefined) message.text = change.text;
    if (change.blocks !== undefined) this.setBlocks(message, change.blocks);
    if (change.editedBy !== undefined) message.edited = { user: change.editedBy, ts: ids.ts() };
    this.record(message, change.how);
    const deliveries = announcer.changed(message, previous);
    announcer.start(deliveries);
    return deliveries;
  }

  remove(message: MessageRecord): Delivery[] {
    const { announcer, changes } = this.#world;
    const deliveries = announcer.deleted(message);
    message.deleted = true;
    announcer.start(deliveries);
    changes.notify();
    return deliveries;
  }

  setBlocks(message: MessageRecord, blocks: readonly Block[]): void {
    message.blocks = this.#named(blocks);
  }

  /** Notes how the message reads now, without an event: an append to a stream. */
  record(message: MessageRecord, how: ChangeKind): void {
    const { clock, changes } = this.#world;
    keepText(message.text);
    message.versions.push({ at: clock.now(), how, text: message.text, blocks: message.blocks });
    changes.notify();
  }

  #named(blocks: readonly Block[]): Block[] {
    return withBlockIds(blocks, () => this.#world.ids.characters(5));
  }
}
