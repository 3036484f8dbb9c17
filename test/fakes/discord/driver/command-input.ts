import {
  type APIApplicationCommand,
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import type { AttachmentSpec, AttachmentStore } from '../rest/attachment-store.ts';
import { channelJson } from '../wire/channel-json.ts';
import { memberWithoutUserJson, userJson } from '../wire/user-json.ts';
import type { ChannelRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';

/** What a person can fill in: text, numbers, switches, people, channels, files. */
export type OptionInput = string | number | boolean | { readonly id: string } | AttachmentSpec;
export type OptionInputs = Readonly<Record<string, OptionInput>>;

/**
 * The command behind a name, as the person's client offers it.
 * @throws Error when the client would not offer it: unknown, not in this context, not with these permissions
 */
export function offeredCommand(
  world: World,
  channel: ChannelRecord,
  userId: string,
  type: APIApplicationCommand['type'],
  name: string,
): APIApplicationCommand {
  const guildId = channel.kind === 'dm' ? undefined : channel.guildId;
  const command = world.commands.find(guildId, type, name);
  if (!command) throw new Error(`The bot has registered no command "${name}" that is offered here.`);
  const context = guildId ? InteractionContextType.Guild : InteractionContextType.BotDM;
  if (command.contexts && !command.contexts.includes(context)) {
    throw new Error(`"${name}" is not offered in ${guildId ? 'servers' : 'direct messages'}.`);
  }
  const needed = BigInt(command.default_member_permissions ?? 0);
  const adminsOnly = command.default_member_permissions === '0' ? PermissionFlagsBits.Administrator : 0n;
  if (guildId && !world.may(needed | adminsOnly, channel, userId)) {
    throw new Error(`"${name}" is not offered to people without the permissions ${needed | adminsOnly}.`);
  }
  return command;
}

/**
 * The payload's `options` and `resolved`, checked as the person's client checks them.
 * @throws Error for what cannot be typed in: unknown options, missing ones, values out of range
 */
export function commandInput(
  world: World,
  attachments: AttachmentStore,
  channel: ChannelRecord,
  definitions: readonly APIApplicationCommandOption[],
  inputs: OptionInputs,
): { readonly options: object[]; readonly resolved: Record<string, Record<string, unknown>> } {
  const resolved: Record<string, Record<string, unknown>> = {};
  const resolve = (kind: string, id: string, json: unknown) => {
    resolved[kind] = { ...resolved[kind], [id]: json };
    return id;
  };
  for (const name of Object.keys(inputs)) {
    if (!definitions.some((one) => one.name === name))
      throw new Error(`The command has no option "${name}".`);
  }
  const options = definitions.flatMap((definition) => {
    const input = inputs[definition.name];
    if (input === undefined) {
      if (definition.required) throw new Error(`The option "${definition.name}" is required.`);
      return [];
    }
    const { name, type } = definition;
    return [{ name, type, value: optionValue(definition, input) }];
  });
  return { options, resolved };

  function optionValue(definition: APIApplicationCommandOption, input: OptionInput): unknown {
    refuseOutOfRange(definition, input);
    if (typeof input !== 'object') return input;
    if (definition.type === ApplicationCommandOptionType.Attachment && 'data' in input) {
      const file = attachments.add(channel.id, input);
      return resolve('attachments', file.id, file);
    }
    if (!('id' in input)) throw new Error(`The option "${definition.name}" takes no file.`);
    if (definition.type === ApplicationCommandOptionType.Channel) {
      return resolve('channels', input.id, channelJson(world, world.channel(input.id)));
    }
    resolve('users', input.id, userJson(world.user(input.id)));
    const member = world.guildOf(channel)?.members.get(input.id);
    if (member) resolve('members', input.id, memberWithoutUserJson(member));
    return input.id;
  }
}

const primitive: Partial<Record<ApplicationCommandOptionType, string>> = {
  [ApplicationCommandOptionType.String]: 'string',
  [ApplicationCommandOptionType.Integer]: 'number',
  [ApplicationCommandOptionType.Number]: 'number',
  [ApplicationCommandOptionType.Boolean]: 'boolean',
};

function refuseOutOfRange(definition: APIApplicationCommandOption, input: OptionInput): void {
  const wanted = primitive[definition.type] ?? 'object';
  const whole = definition.type === ApplicationCommandOptionType.Integer;
  const said = typeof input === 'string' ? input.length : input;
  const { choices, min_length, max_length, min_value, max_value } = limitsOf(definition);
  const fits =
    typeof input === wanted &&
    (!whole || Number.isInteger(input)) &&
    (!choices?.length || choices.some((choice) => choice.value === input)) &&
    (typeof said !== 'number' || within(said, min_length ?? min_value, max_length ?? max_value));
  if (!fits) throw new Error(`The option "${definition.name}" does not take ${JSON.stringify(input)}.`);
}

interface OptionLimits {
  readonly choices?: readonly { readonly value: string | number }[];
  readonly min_length?: number;
  readonly max_length?: number;
  readonly min_value?: number;
  readonly max_value?: number;
}

function limitsOf(definition: APIApplicationCommandOption): OptionLimits {
  return definition as OptionLimits;
}

function within(size: number, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): boolean {
  return size >= least && size <= most;
}
