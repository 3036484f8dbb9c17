import type { Delivery } from '../delivery/delivery.ts';
import { eventCallback } from '../payloads/event-callback.ts';
import {
  fileSharedEvent,
  mentionEvent,
  messageChangedEvent,
  messageDeletedEvent,
  messageEvent,
} from '../payloads/message-events.ts';
import { wireMessage } from '../payloads/wire-message.ts';
import { mentions } from '../text/mrkdwn.ts';
import type { ChannelKind, ChannelRecord, MessageRecord } from './records.ts';
import type { World } from './world.ts';

const SUBSCRIPTION: Readonly<Record<ChannelKind, string>> = {
  channel: 'message.channels',
  group: 'message.groups',
  im: 'message.im',
};

/** Decides which events the app gets of what happens, and builds them; sending is the caller's step. */
export class Announcer {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** A new message: `app_mention` where it mentions the bot, its twin `message`, `file_shared` for each file. */
  posted(message: MessageRecord): Delivery[] {
    const { app } = this.#world;
    if (message.ephemeralFor !== undefined || !this.#sees(message.channel)) return [];
    const deliveries: Delivery[] = [];
    const mentioned = mentions(message.text).users.includes(app.botUser.id);
    const mentionable = message.channel.kind !== 'im' && message.user !== app.botUser;
    if (mentioned && mentionable && app.botEvents.has('app_mention')) {
      deliveries.push(this.event(mentionEvent(this.#world, message)));
    }
    if (this.#hears(message.channel)) deliveries.push(this.event(messageEvent(this.#world, message)));
    if (!app.botEvents.has('file_shared')) return deliveries;
    for (const file of message.files) {
      const shared = fileSharedEvent(this.#world, file.id, message.user.id, message.channel.id);
      deliveries.push(this.event(shared));
    }
    return deliveries;
  }

  changed(message: MessageRecord, previous: object): Delivery[] {
    if (message.ephemeralFor !== undefined || !this.#hears(message.channel)) return [];
    return [this.event(messageChangedEvent(this.#world, message, previous))];
  }

  deleted(message: MessageRecord): Delivery[] {
    if (message.ephemeralFor !== undefined || !this.#hears(message.channel)) return [];
    const previous = wireMessage(this.#world, message);
    return [this.event(messageDeletedEvent(this.#world, message, previous))];
  }

  /** An event whose subscription has the event's own name. */
  subscribed(event: { type: string }): Delivery[] {
    return this.#world.app.botEvents.has(event.type) ? [this.event(event)] : [];
  }

  event(event: { type: string }): Delivery {
    return this.#world.deliveries.create('events_api', eventCallback(this.#world, event));
  }

  start(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#world.deliveries.start(delivery);
  }

  #sees(channel: ChannelRecord): boolean {
    return this.#world.workspace.botIsIn(channel);
  }

  #hears(channel: ChannelRecord): boolean {
    return this.#sees(channel) && this.#world.app.botEvents.has(SUBSCRIPTION[channel.kind]);
  }
}
