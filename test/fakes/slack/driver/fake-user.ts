import type { Delivery } from '../delivery/delivery.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import {
  appHomeOpenedEvent,
  assistantThreadContextChangedEvent,
  assistantThreadStartedEvent,
} from '../payloads/agent-events.ts';
import { blockAction, type FeedbackChoice, messageShortcut } from '../payloads/interactions.ts';
import { slashCommand } from '../payloads/slash-command.ts';
import { viewSubmission } from '../payloads/view-submission.ts';
import { pressableElements } from '../text/blocks.ts';
import { escapeText } from '../text/mrkdwn.ts';
import { typed } from '../text/typed-text.ts';
import type { ChannelRecord, MessageRecord, UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { FakeChannel } from './fake-channel.ts';
import type { Said, Triggered } from './said.ts';
import { type NewFile, upload } from './upload.ts';

export interface SayOptions {
  /** Puts a mention of the bot in front. */
  readonly mention?: boolean;
  /** The `ts` of the thread's root. */
  readonly thread?: string;
  readonly files?: readonly NewFile[];
  /** The deliveries are made but not sent: for storms and other orders. */
  readonly hold?: boolean;
}

/** What names one message in a conversation. */
export interface MessageAddress {
  readonly channel: string;
  readonly ts: string;
}

/** A person in the workspace, and what people do there. */
export class FakeUser {
  readonly record: UserRecord;
  readonly #world: World;

  constructor(world: World, record: UserRecord) {
    this.#world = world;
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  get name(): string {
    return this.record.name;
  }

  /** Makes this person an administrator of the workspace. */
  administers(): void {
    this.record.admin = true;
  }

  /** The direct messages with the bot. */
  get directMessages(): FakeChannel {
    return new FakeChannel(this.#world, this.#world.workspace.directMessages(this.id));
  }

  /** Posts in a channel, as typed: `@ann`, `#general`, `<` and addresses become what Slack makes of them. */
  says(channel: FakeChannel, text: string, options: SayOptions = {}): Said {
    channel.record.members.add(this.id);
    return this.#post(channel.record, text, options);
  }

  /** Writes to the bot directly. */
  dm(text: string, options: Omit<SayOptions, 'mention'> = {}): Said {
    return this.#post(this.#world.workspace.directMessages(this.id), text, options);
  }

  /** Changes an own message. */
  edits(said: MessageAddress, text: string): readonly Delivery[] {
    const { messaging, workspace } = this.#world;
    const message = this.#find(said);
    return messaging.change(message, { how: 'edited', text: typed(text, workspace), editedBy: this.id });
  }

  deletes(said: MessageAddress): readonly Delivery[] {
    return this.#world.messaging.remove(this.#find(said));
  }

  /** Types a slash command. In direct messages where `channel` is left out. */
  slash(command: string, text: string, channel: FakeChannel = this.directMessages): Triggered {
    const { responseUrls, deliveries } = this.#world;
    const responseUrl = responseUrls.issue('commands', this.record, channel.record, undefined);
    // Slack escapes the text of commands and, unless the app asks for it, leaves names as typed.
    const payload = slashCommand(
      this.#world,
      this.record,
      channel.record,
      command,
      escapeText(text),
      responseUrl,
    );
    const delivery = deliveries.create('slash_commands', payload, {
      onAcknowledged: (response) => this.#showAnswer(responseUrl, response),
      onFailed: (error) => this.#notice(channel.record, `${command} failed with the error "${error}"`),
    });
    deliveries.start(delivery);
    return { delivery, responseUrl };
  }

  /** Chooses a message shortcut. */
  shortcut(callbackId: string, target: MessageAddress): Triggered {
    const { responseUrls, deliveries } = this.#world;
    const message = this.#find(target);
    const responseUrl = responseUrls.issue('app', this.record, message.channel, undefined);
    const payload = messageShortcut(this.#world, this.record, callbackId, message, responseUrl);
    const delivery = deliveries.create('interactive', payload);
    deliveries.start(delivery);
    return { delivery, responseUrl };
  }

  /**
   * Presses a button, or one of the two feedback buttons.
   *
   * @throws Error when the message has no such button now, or this person does not see it.
   */
  press(target: MessageAddress, actionId: string, choice: FeedbackChoice = 'positive'): Triggered {
    const { responseUrls, deliveries } = this.#world;
    const message = this.#find(target);
    const pressed = pressableElements(message.blocks).find((element) => element.actionId === actionId);
    const visible = message.ephemeralFor === undefined || message.ephemeralFor === this.id;
    if (pressed === undefined || !visible || message.deleted) {
      throw new Error(`${this.name} sees no "${actionId}" at message ${target.ts}.`);
    }
    const responseUrl = responseUrls.issue('actions', this.record, message.channel, message);
    const payload = blockAction(this.#world, this.record, message, pressed, choice, responseUrl);
    const delivery = deliveries.create('interactive', payload);
    deliveries.start(delivery);
    return { delivery, responseUrl };
  }

  /** The modal that this person has open. */
  get modal(): JsonObject | undefined {
    return this.#world.modals.of(this.id)?.view;
  }

  /**
   * Fills in the fields of the open modal, and submits it.
   *
   * @throws Error when there is none.
   */
  submits(...typed: readonly string[]): Delivery {
    const { deliveries, modals } = this.#world;
    const modal = modals.of(this.id);
    if (modal === undefined) throw new Error(`${this.name} has no modal open.`);
    const delivery = deliveries.create(
      'interactive',
      viewSubmission(this.#world, this.record, modal, typed),
      {
        onAcknowledged: () => modals.close(this.id),
      },
    );
    deliveries.start(delivery);
    return delivery;
  }

  /** Opens the app's agent view (its Messages tab), or its Home tab. */
  opensApp(tab: 'home' | 'messages' = 'messages'): readonly Delivery[] {
    return this.#announce(appHomeOpenedEvent(this.#world, this.id, this.directMessages.id, tab));
  }

  /** Starts a thread in the older assistant view, looking at a channel. */
  startsAssistantThread(viewed?: FakeChannel): Said {
    const { announcer, app, messaging, workspace } = this.#world;
    const channel = workspace.directMessages(this.id);
    const { message } = messaging.put({
      channel,
      user: app.botUser,
      text: 'New Assistant Thread',
      unannounced: true,
    });
    const event = assistantThreadStartedEvent(this.#world, this.id, channel.id, message.ts, viewed?.id);
    const deliveries = announcer.subscribed(event);
    announcer.start(deliveries);
    return this.#said(message, deliveries);
  }

  looksAt(viewed: FakeChannel, threadTs: string): readonly Delivery[] {
    const channel = this.directMessages.id;
    return this.#announce(
      assistantThreadContextChangedEvent(this.#world, this.id, channel, threadTs, viewed.id),
    );
  }

  /** Presses Slack's own stop button of an agent session. */
  stops(said: Pick<Said, 'channel' | 'threadTs'>): Delivery {
    const { sessions, workspace } = this.#world;
    const channel = workspace.channels.get(said.channel);
    if (channel === undefined) throw new Error(`No conversation ${said.channel}.`);
    return sessions.stop(this.id, channel, said.threadTs);
  }

  #post(channel: ChannelRecord, text: string, options: SayOptions): Said {
    const { announcer, app, ids, messaging, workspace } = this.#world;
    const files = (options.files ?? []).map((file) => upload(this.#world, this.record, channel, file));
    const body = typed(text, workspace);
    const { message, deliveries } = messaging.put({
      channel,
      user: this.record,
      text: options.mention === true ? `<@${app.botUser.id}> ${body}`.trimEnd() : body,
      files,
      unfurlLinks: true,
      clientMessageId: ids.uuid(),
      ...(files.length > 0 && { subtype: 'file_share' }),
      ...(options.thread !== undefined && { threadTs: options.thread }),
    });
    if (options.hold !== true) announcer.start(deliveries);
    return this.#said(message, deliveries);
  }

  #said(message: MessageRecord, deliveries: readonly Delivery[]): Said {
    return {
      ts: message.ts,
      channel: message.channel.id,
      threadTs: message.threadTs ?? message.ts,
      permalink: this.#world.workspace.permalink(message),
      deliveries,
    };
  }

  #announce(event: { type: string }): readonly Delivery[] {
    const { announcer } = this.#world;
    const deliveries = announcer.subscribed(event);
    announcer.start(deliveries);
    return deliveries;
  }

  /** What the acknowledgement of a command carries is its first answer. */
  #showAnswer(responseUrl: string, response: Json | undefined): void {
    if (isJsonObject(response)) this.#world.responseUrls.acknowledge(responseUrl, response);
    else if (typeof response === 'string')
      this.#world.responseUrls.acknowledge(responseUrl, { text: response });
  }

  /** Slack itself tells the person, and nobody else. */
  #notice(channel: ChannelRecord, text: string): void {
    const { messaging, workspace } = this.#world;
    messaging.post({ channel, user: workspace.person('slackbot'), text, ephemeralFor: this.id });
  }

  #find(address: MessageAddress): MessageRecord {
    const channel = this.#world.workspace.channels.get(address.channel);
    const message = channel?.messages.find((candidate) => candidate.ts === address.ts);
    if (message === undefined) throw new Error(`No message ${address.ts} in ${address.channel}.`);
    return message;
  }
}
