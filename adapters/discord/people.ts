import type { Channel, Client, GuildMember, User } from 'discord.js';
import type { Author, Origin } from '../../bot/request.ts';

/** A person as the others in the server know them: the same name in requests and in what is read back. */
export function authorOf(
  client: Client,
  user: Pick<User, 'id' | 'username'> & Named,
  guildId: string | null | undefined,
): Author {
  const member = guildId ? client.guilds.cache.get(guildId)?.members.cache.get(user.id) : undefined;
  return { id: user.id, name: member?.displayName ?? user.globalName ?? user.global_name ?? user.username };
}

/** As discord.js and as the wire spell it. */
interface Named {
  readonly globalName?: string | null;
  readonly global_name?: string | null;
}

/** Where somebody speaks, and what they are there. */
export function originOf({ channel, channelId, guildId, member }: Spoken): Origin {
  const here = channelId === null ? [] : [channelId];
  if (guildId === null) return { direct: true, channels: here, roles: [] };
  // In a server with the commands but without the bot, channels are unknown, or taken for direct messages.
  const parent = channel && !channel.isDMBased() ? channel.parent : null;
  const around = [parent?.id, parent?.parentId].filter((id) => typeof id === 'string');
  return { direct: false, workspace: guildId, channels: [...here, ...around], roles: rolesOf(member) };
}

/** A message or an interaction. */
interface Spoken {
  readonly channel: Channel | null;
  readonly channelId: string | null;
  readonly guildId: string | null;
  readonly member: Pick<GuildMember, 'roles'> | RawMember | null;
}

/** As it comes with interactions in servers that are not in the cache. */
interface RawMember {
  readonly roles: readonly string[];
}

function rolesOf(member: Pick<GuildMember, 'roles'> | RawMember | null): readonly string[] {
  if (!member) return [];
  return 'cache' in member.roles ? [...member.roles.cache.keys()] : member.roles;
}
