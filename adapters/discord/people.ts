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
export function originOf(
  channel: Channel | null,
  member: Pick<GuildMember, 'roles'> | RawMember | null,
): Origin {
  if (!channel || channel.isDMBased())
    return { direct: true, channels: channel ? [channel.id] : [], roles: [] };
  const parent = channel.parent;
  const channels = [channel.id, parent?.id, parent?.parentId].filter((id) => typeof id === 'string');
  return { direct: false, workspace: channel.guildId, channels, roles: rolesOf(member) };
}

/** As it comes with interactions in servers that are not in the cache. */
interface RawMember {
  readonly roles: readonly string[];
}

function rolesOf(member: Pick<GuildMember, 'roles'> | RawMember | null): readonly string[] {
  if (!member) return [];
  return 'cache' in member.roles ? [...member.roles.cache.keys()] : member.roles;
}
