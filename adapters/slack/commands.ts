import type { SlashCommand, webApi } from '@slack/bolt';
import { findCommand, isPrivate } from '../../bot/commands.ts';
import type { ChatRequest } from '../../bot/request.ts';
import { plainName } from './command-name.ts';
import { takeLinks } from './linked-message.ts';
import { isInside, outside } from './membership.ts';
import { unescapeText } from './mrkdwn.ts';
import type { People } from './people.ts';
import { readOptions } from './typed-options.ts';
import { addressOf, conversation, isDirect, type Way } from './way.ts';

export interface CommandReaderOptions {
  readonly client: webApi.WebClient;
  readonly people: People;
  readonly team: string;
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Makes requests of slash commands. */
export class CommandReader {
  readonly #options: CommandReaderOptions;

  constructor(options: CommandReaderOptions) {
    this.#options = options;
  }

  /** Only the person who typed it is to see the answer. */
  isPrivate(command: SlashCommand): boolean {
    const { name, options } = this.#typed(command);
    return isPrivate(name, options, 'slack');
  }

  async read(command: SlashCommand): Promise<ChatRequest> {
    const { channel_id: channel, user_id: user, response_url: url, trigger_id } = command;
    const { people, team, clock } = this.#options;
    const { name, options, text } = this.#typed(command);
    const { text: rest, links } = takeLinks(text, user);
    const privately = isPrivate(name, options, 'slack');
    const [author, member] = await Promise.all([
      people.author(user),
      isInside(this.#options.client, channel),
    ]);
    const way: Way =
      member && !privately ? { by: 'message', channel } : { by: 'response', url, privately, once: false };
    return {
      id: trigger_id,
      trigger: 'command',
      command: name,
      options,
      text: unescapeText(rest).trim(),
      author,
      conversation: conversation(channel, member ? undefined : outside(trigger_id)),
      ...(!member && { talk: conversation(channel, undefined) }),
      origin: { direct: member && isDirect(channel), workspace: team, channels: [channel], roles: [] },
      replyAddress: addressOf(way),
      attachments: links,
      at: clock(),
    };
  }

  #typed({ command, text }: SlashCommand) {
    const { prefix } = this.#options;
    const name = plainName(command, prefix);
    const known = findCommand(name, 'slack');
    return { name, ...(known ? readOptions(known, text) : { options: {}, text }) };
  }
}
