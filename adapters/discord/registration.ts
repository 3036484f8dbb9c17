import {
  type APIApplicationCommand,
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  type Client,
  InteractionContextType,
  type RESTPutAPIApplicationCommandsJSONBody,
  Routes,
} from 'discord.js';
import { type Command, type CommandOption, commandsFor } from '../../bot/commands.ts';
import type { Logger } from '../../config/logger.ts';

type CommandBody = RESTPutAPIApplicationCommandsJSONBody[number];

/** In the menu of a message, under Apps. */
export const MENUS = { summarize: 'Summarize', ask: 'Ask about this' } as const;

/** Discord's longest text in an option. */
const LONGEST_TEXT = 6_000;

const EVERYWHERE = {
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
  integration_types: [ApplicationIntegrationType.GuildInstall],
};

/** Every command of the table, and the menus. */
export function commandBodies(): readonly CommandBody[] {
  const menus = Object.values(MENUS).map((name) => ({ type: ApplicationCommandType.Message as const, name }));
  return [...commandsFor('discord').map(slashCommand), ...menus].map((body) => ({ ...body, ...EVERYWHERE }));
}

/** Servers in which leftovers of an earlier `DISCORD_GUILD_ID` are looked for; a bot in more of them never had one for long. */
const SERVERS_TIDIED = 10;

/**
 * Registers the commands in one place, and no longer anywhere else; writes only what has changed.
 *
 * @param guild where they appear at once; undefined: everywhere.
 */
export async function registerCommands(
  client: Client<true>,
  guild: string | undefined,
  logger: Logger,
): Promise<void> {
  const elsewhere =
    guild === undefined ? [...client.guilds.cache.keys()].slice(0, SERVERS_TIDIED) : [undefined];
  try {
    await put(client, guild, commandBodies(), logger);
    for (const place of elsewhere) await put(client, place, [], logger);
  } catch (error) {
    const where = guild === undefined ? 'Discord' : `the server ${guild} (DISCORD_GUILD_ID)`;
    logger.warn(
      { err: error },
      `The commands could not be registered in ${where}: mentions and direct messages work, slash commands may not. ` +
        'Is the bot in that server, with the scope applications.commands? The invite link adds both.',
    );
  }
}

async function put(
  { rest, application }: Client<true>,
  guild: string | undefined,
  wanted: readonly CommandBody[],
  logger: Logger,
): Promise<void> {
  const route =
    guild === undefined
      ? Routes.applicationCommands(application.id)
      : Routes.applicationGuildCommands(application.id, guild);
  const known = (await rest.get(route)) as APIApplicationCommand[];
  if (same(known, wanted)) return;
  await rest.put(route, { body: wanted });
  logger.info({ commands: wanted.length, ...(guild && { guild }) }, 'the commands are registered');
}

function slashCommand({ name, description, options }: Command) {
  return { type: ApplicationCommandType.ChatInput as const, name, description, options: options.map(option) };
}

const TYPES = {
  text: ApplicationCommandOptionType.String,
  integer: ApplicationCommandOptionType.Integer,
  boolean: ApplicationCommandOptionType.Boolean,
  file: ApplicationCommandOptionType.Attachment,
} as const;

function option({
  name,
  description,
  type,
  required,
  choices,
  range,
  maxLength,
}: CommandOption): APIApplicationCommandOption {
  return {
    type: TYPES[type],
    name,
    description,
    required,
    ...(choices && { choices: choices.map((choice) => ({ ...choice })) }),
    ...(range && { min_value: range[0], max_value: range[1] }),
    ...(type === 'text' && !choices && { max_length: Math.min(maxLength ?? LONGEST_TEXT, LONGEST_TEXT) }),
  } as APIApplicationCommandOption;
}

/** Discord gives back more than it got, and leaves out what is false: only what is sent is compared. */
function same(known: readonly APIApplicationCommand[], wanted: readonly CommandBody[]): boolean {
  const byKey = (commands: readonly (APIApplicationCommand | CommandBody)[]) =>
    commands.map((command) => JSON.stringify(essence(command))).toSorted();
  return JSON.stringify(byKey(known)) === JSON.stringify(byKey(wanted));
}

function essence(command: APIApplicationCommand | CommandBody) {
  const { type, name, description = '', options = [] } = command as APIApplicationCommand;
  return {
    type,
    name,
    description,
    options: options.map((one) => {
      const { type: kind, name: called, description: says, required = false } = one;
      const { choices = [], min_value, max_value, max_length } = one as OptionLimits;
      const offered = choices.map(({ name: shown, value }) => [shown, value]);
      return { kind, called, says, required, offered, min_value, max_value, max_length };
    }),
  };
}

interface OptionLimits {
  readonly choices?: readonly { readonly name: string; readonly value: string | number }[];
  readonly min_value?: number;
  readonly max_value?: number;
  readonly max_length?: number;
}
