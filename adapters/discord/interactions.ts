import {
  type ButtonInteraction,
  type Client,
  ComponentType,
  type Interaction,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  type ModalSubmitInteraction,
  PermissionFlagsBits,
  TextInputStyle,
} from 'discord.js';
import { type ButtonPress, readButtonId } from '../../bot/buttons.ts';
import { isPrivate } from '../../bot/commands.ts';
import type { AttachmentRef, ChatRequest, HistoryMessage, ReplyTarget } from '../../bot/request.ts';
import type { Logger } from '../../config/logger.ts';
import type { OnPress, OnRequest } from '../adapter.ts';
import { Recent } from '../recent.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Chains } from './chains.ts';
import { type Asking, commandRequest, menuRequest, wayBy } from './interaction-request.ts';
import { linkTo } from './message-links.ts';
import { broughtBy, historyOf } from './message-request.ts';
import { withoutAddress } from './outlet-failure.ts';
import { authorOf, originOf } from './people.ts';
import { MENUS } from './registration.ts';
import type { Twin } from './twin.ts';
import { addressOf, type Way } from './way.ts';

export interface InteractionsOptions {
  readonly client: Client<true>;
  readonly acknowledgements: Acknowledgements;
  readonly chains: Chains;
  readonly twin: Twin;
  readonly logger: Logger;
  readonly onRequest: OnRequest;
  readonly onPress: OnPress | undefined;
}

/** What a menu was opened on. */
interface Target {
  readonly message: HistoryMessage;
  readonly attachments: readonly AttachmentRef[];
}

/** Forms that are open; of older ones the message has to be fetched again. */
const OPEN_FORMS = 1_000;

/** The bot is about to leave, or has taken this already. */
const NOT_TAKEN = 'I cannot take that now. Try again in a moment.';

const FAILED = 'That did not work, and the log of whoever runs me says why. Try again in a moment.';

const FORM = 'about';
const QUESTION = 'question';

/** Commands, menus, forms and buttons: acknowledged at once, whatever the model is doing. */
export class Interactions {
  readonly #options: InteractionsOptions;
  readonly #targets = new Recent<string, Target>(OPEN_FORMS);
  /** Which turn came of an interaction, for the log. */
  readonly #turns = new WeakMap<Interaction, string>();

  constructor(options: InteractionsOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async handle(interaction: Interaction): Promise<void> {
    try {
      if (interaction.isChatInputCommand()) await this.#ask(interaction, commandRequest(interaction));
      else if (interaction.isMessageContextMenuCommand()) await this.#menu(interaction);
      else if (interaction.isModalSubmit()) await this.#form(interaction);
      else if (interaction.isButton()) await this.#press(interaction);
    } catch (error) {
      this.#options.twin.refused(error);
      const turn = this.#turns.get(interaction);
      this.#options.logger.warn(
        { err: withoutAddress(error), interaction: interaction.id, ...(turn !== undefined && { turn }) },
        'an interaction was not acknowledged',
      );
    }
  }

  /** The acknowledgement decides for good who sees the answer, so the bot decides first, which takes it no time. */
  async #ask(interaction: Asking, request: ChatRequest): Promise<void> {
    let privately = isPrivate(request.command ?? '', request.options, 'discord');
    const acknowledged = Promise.resolve().then(() =>
      interaction.deferReply(privately ? { flags: MessageFlags.Ephemeral } : {}),
    );
    this.#options.acknowledgements.expect(interaction.id, acknowledged);
    const turn = this.#options.onRequest(request);
    if (turn) this.#turns.set(interaction, turn.id);
    privately ||= turn === undefined || turn.refused;
    await acknowledged;
    if (!turn) await interaction.editReply(NOT_TAKEN);
  }

  async #menu(interaction: MessageContextMenuCommandInteraction): Promise<void> {
    const { client } = this.#options;
    const { targetMessage, user } = interaction;
    const target = {
      message: historyOf(targetMessage, client),
      attachments: broughtBy(targetMessage, user.id, client),
    };
    if (interaction.commandName === MENUS.summarize) {
      const asked = {
        command: 'summarize',
        text: '',
        target: target.message,
        attachments: target.attachments,
      };
      await this.#ask(interaction, menuRequest(interaction, asked));
      return;
    }
    this.#targets.set(targetMessage.id, target);
    await interaction.showModal({
      customId: `${FORM}:${targetMessage.id}`,
      title: MENUS.ask,
      components: [
        {
          type: ComponentType.ActionRow,
          components: [
            {
              type: ComponentType.TextInput,
              customId: QUESTION,
              label: 'What would you like to know about it?',
              style: TextInputStyle.Short,
              required: true,
              maxLength: 1_000,
            },
          ],
        },
      ],
    });
  }

  async #form(interaction: ModalSubmitInteraction): Promise<void> {
    const [form, message = ''] = interaction.customId.split(':');
    if (form !== FORM) return;
    const target = this.#targets.get(message);
    const link = { channel: interaction.channelId ?? '', message, asker: interaction.user.id };
    await this.#ask(
      interaction,
      menuRequest(interaction, {
        command: 'ask',
        text: interaction.fields.getTextInputValue(QUESTION),
        target: target?.message,
        attachments: target?.attachments ?? [linkTo(link, 'that message')],
      }),
    );
  }

  async #press(interaction: ButtonInteraction): Promise<void> {
    const { client, onPress } = this.#options;
    const { id, user, guildId, createdTimestamp, memberPermissions } = interaction;
    const pressed = readButtonId(interaction.customId);
    if (!pressed || !onPress) {
      await interaction.deferUpdate();
      return;
    }
    const where = this.#answerTo(interaction);
    // Where the answer goes by this interaction's token, it waits until the press is acknowledged.
    let acknowledge: (done: Promise<unknown>) => void = () => undefined;
    this.#options.acknowledgements.expect(
      id,
      new Promise((resolve) => {
        acknowledge = resolve;
      }),
    );
    const press: ButtonPress = {
      ...pressed,
      id,
      by: authorOf(client, user, guildId),
      moderator: memberPermissions?.has(PermissionFlagsBits.ManageMessages) ?? false,
      origin: originOf(interaction),
      where,
      at: createdTimestamp,
    };
    const { note } = await onPress(press).catch((error: unknown) => {
      this.#options.logger.error({ err: error, turn: press.turn }, 'a pressed button did not work');
      return { note: FAILED };
    });
    const done =
      note === undefined
        ? interaction.deferUpdate()
        : interaction.reply({ content: note, flags: MessageFlags.Ephemeral });
    acknowledge(done);
    await done;
  }

  /** Where a new answer goes: beside the one whose button was pressed, and no more public than that. */
  #answerTo(interaction: ButtonInteraction): ReplyTarget {
    const { message, channel, channelId, appPermissions } = interaction;
    const alone = channel === null || channel.isDMBased() || channel.isThread();
    const privately = message.flags.has(MessageFlags.Ephemeral);
    const writes = appPermissions.has(
      channel?.isThread() ? PermissionFlagsBits.SendMessagesInThreads : PermissionFlagsBits.SendMessages,
    );
    const way: Way =
      privately || !writes
        ? wayBy(interaction, { privately, deferred: false })
        : { by: 'channel', channel: channelId, ...(!channel?.isDMBased() && { replyTo: message.id }) };
    const id = alone ? channelId : this.#options.chains.of(message, message);
    return { conversation: { platform: 'discord', id }, address: addressOf(way) };
  }
}
