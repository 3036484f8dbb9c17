import {
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  MessageType,
  PermissionFlagsBits,
} from 'discord.js';
import type { AttachmentSpec, AttachmentStore } from '../rest/attachment-store.ts';
import { messageJson } from '../wire/message-json.ts';
import { openDm } from '../world/direct-messages.ts';
import { current, deleteMessage, editMessage, postMessage } from '../world/messages.ts';
import type { UserRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { beginInteraction } from './begin-interaction.ts';
import { Channel } from './channel.ts';
import { commandInput, type OptionInputs, offeredCommand } from './command-input.ts';
import type { Interaction } from './interaction.ts';
import { Message } from './message.ts';
import { modalSubmission } from './modal-input.ts';

export interface Saying {
  /** Begins the text with a mention of the bot. */
  readonly mention?: boolean;
  readonly replyTo?: Message;
  /** Whether a reply pings the author of the other message. Default true, as in the client. */
  readonly ping?: boolean;
  readonly attachments?: readonly AttachmentSpec[];
}

/** Somebody in front of a Discord client (or another bot), who can do there what the client lets them do. */
export class Person {
  readonly record: UserRecord;
  readonly #world: World;
  readonly #attachments: AttachmentStore;

  constructor(world: World, attachments: AttachmentStore, record: UserRecord) {
    this.#world = world;
    this.#attachments = attachments;
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  get name(): string {
    return this.record.globalName ?? this.record.username;
  }

  get mention(): string {
    return `<@${this.id}>`;
  }

  says(channel: Channel, text: string, saying: Saying = {}): Message {
    this.#demand(channel, PermissionFlagsBits.SendMessages);
    const record = postMessage(this.#world, {
      channel: channel.record,
      authorId: this.id,
      content: saying.mention ? `<@${this.#world.botId}> ${text}` : text,
      attachments: (saying.attachments ?? []).map((file) => this.#attachments.add(channel.id, file)),
      ...(saying.replyTo ? { replyTo: saying.replyTo.record } : {}),
      ...(saying.ping === false
        ? { allowedMentions: { parse: ['users', 'roles', 'everyone'], replied_user: false } }
        : {}),
    });
    return new Message(this.#world, record);
  }

  edits(message: Message, text: string): void {
    if (message.author.id !== this.id) throw new Error(`${this.name} did not write that message.`);
    editMessage(this.#world, message.record, { content: text });
  }

  deletes(message: Message): void {
    const channel = new Channel(this.#world, this.#world.channel(message.channelId));
    if (message.author.id !== this.id) this.#demand(channel, PermissionFlagsBits.ManageMessages);
    deleteMessage(this.#world, message.record);
  }

  typesIn(channel: Channel): void {
    this.#world.emit({
      type: 'typing',
      channel: channel.record,
      userId: this.id,
      at: this.#world.clock.now(),
    });
  }

  /** The conversation with the bot. */
  dm(): Channel {
    return new Channel(this.#world, openDm(this.#world, this.id));
  }

  /** From now on the bot cannot write to this person directly. */
  closesDms(): void {
    this.record.acceptsDms = false;
  }

  /** What this person sees in the channel, ephemeral answers included. */
  sees(channel: Channel): Message[] {
    return channel.messages({ as: this });
  }

  /** Uses a slash command; words after the first name subcommands: `config show`. */
  slash(channel: Channel, name: string, inputs: OptionInputs = {}): Interaction {
    this.#demand(channel, PermissionFlagsBits.ViewChannel);
    const [first = '', ...path] = name.split(' ');
    const command = offeredCommand(
      this.#world,
      channel.record,
      this.id,
      ApplicationCommandType.ChatInput,
      first,
    );
    const wrappers: APIApplicationCommandOption[] = [];
    let definitions = command.options ?? [];
    for (const word of path) {
      const found = definitions.find((one) => one.name === word);
      if (!found || !isGroup(found)) throw new Error(`"/${first}" has no subcommand "${word}".`);
      wrappers.push(found);
      definitions = found.options ?? [];
    }
    const { options, resolved } = commandInput(
      this.#world,
      this.#attachments,
      channel.record,
      definitions,
      inputs,
    );
    const nested = wrappers.reduceRight(
      (inner: object[], { name: word, type }) => [{ name: word, type, options: inner }],
      options,
    );
    return beginInteraction(this.#world, {
      type: InteractionType.ApplicationCommand,
      userId: this.id,
      channelId: channel.id,
      name,
      data: {
        id: command.id,
        name: first,
        type: command.type,
        ...(command.guild_id ? { guild_id: command.guild_id } : {}),
        ...(nested.length > 0 ? { options: nested } : {}),
        ...(Object.keys(resolved).length > 0 ? { resolved } : {}),
      },
    });
  }

  /** Uses a context menu command on a message. The bot gets its content, whatever its intents. */
  menu(message: Message, name: string): Interaction {
    const channel = this.#world.channel(message.channelId);
    const type = ApplicationCommandType.Message;
    const command = offeredCommand(this.#world, channel, this.id, type, name);
    const target = messageJson(this.#world, message.record, { allContent: true });
    return beginInteraction(this.#world, {
      type: InteractionType.ApplicationCommand,
      userId: this.id,
      channelId: channel.id,
      name,
      messageType: MessageType.ContextMenuCommand,
      data: {
        id: command.id,
        name,
        type,
        target_id: message.id,
        ...(command.guild_id ? { guild_id: command.guild_id } : {}),
        resolved: { messages: { [message.id]: target } },
      },
    });
  }

  /** Presses the button with this `custom_id` or label. */
  pressButton(message: Message, which: string): Interaction {
    const { ephemeralFor, channelId, deletedAt } = message.record;
    const channel = this.#world.channel(channelId);
    const sees = ephemeralFor ? ephemeralFor === this.id : this.#world.canSee(channel, this.id);
    if (!sees || deletedAt !== undefined) throw new Error(`${this.name} does not see that message.`);
    const buttons = current(message.record).components.flatMap((row) => row.components);
    const button = buttons.find(({ custom_id, label, emoji }) =>
      [custom_id, label, emoji?.name].includes(which),
    );
    if (!button?.custom_id) {
      throw new Error(`There is no button "${which}" to press, only: ${JSON.stringify(message.buttons)}`);
    }
    if (button.disabled) throw new Error(`The button "${which}" is disabled.`);
    return beginInteraction(this.#world, {
      type: InteractionType.MessageComponent,
      userId: this.id,
      channelId,
      name: button.custom_id,
      source: message.record,
      data: { id: button.id, component_type: ComponentType.Button, custom_id: button.custom_id },
    });
  }

  /** Fills in the form that the bot opened, by the inputs' `custom_id`. */
  submits(interaction: Interaction, values: Readonly<Record<string, string>>): Interaction {
    const { modal, channelId, sourceMessageId } = interaction.record;
    if (!modal) throw new Error('The bot has not opened a form.');
    const source = sourceMessageId ? this.#world.channel(channelId).messages.get(sourceMessageId) : undefined;
    return beginInteraction(this.#world, {
      type: InteractionType.ModalSubmit,
      userId: this.id,
      channelId,
      name: modal.custom_id,
      data: modalSubmission(modal, values),
      ...(source ? { source } : {}),
    });
  }

  #demand(channel: Channel, permission: bigint): void {
    if (this.#world.may(permission, channel.record, this.id)) return;
    throw new Error(`${this.name} cannot do that in ${channel.name}.`);
  }
}

function isGroup(
  option: APIApplicationCommandOption,
): option is APIApplicationCommandOption & { readonly options?: APIApplicationCommandOption[] } {
  return (
    option.type === ApplicationCommandOptionType.Subcommand ||
    option.type === ApplicationCommandOptionType.SubcommandGroup
  );
}
