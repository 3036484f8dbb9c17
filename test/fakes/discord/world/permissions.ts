import { PermissionFlagsBits } from 'discord.js';
import type { GuildRecord, MemberRecord, Overwrite, TextChannelRecord, ThreadRecord } from './records.ts';

/** All bits that exist: what owners and administrators have. */
export const allPermissions = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n);

/** What `@everyone` may do in a new server; it includes pinging everyone, which makes careless text dangerous. */
export const everyonePermissions =
  PermissionFlagsBits.ViewChannel |
  PermissionFlagsBits.SendMessages |
  PermissionFlagsBits.SendMessagesInThreads |
  PermissionFlagsBits.CreatePublicThreads |
  PermissionFlagsBits.ReadMessageHistory |
  PermissionFlagsBits.EmbedLinks |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.AddReactions |
  PermissionFlagsBits.UseApplicationCommands |
  PermissionFlagsBits.MentionEveryone;

export function guildPermissions(guild: GuildRecord, member: MemberRecord): bigint {
  if (guild.ownerId === member.userId) return allPermissions;
  let bits = guild.roles.get(guild.id)?.permissions ?? 0n;
  for (const id of member.roles) bits |= guild.roles.get(id)?.permissions ?? 0n;
  return bits & PermissionFlagsBits.Administrator ? allPermissions : bits;
}

/** Discord's order: the server's roles, then the channel's overwrites for everyone, for roles, for the member. */
export function channelPermissions(
  guild: GuildRecord,
  channel: TextChannelRecord,
  member: MemberRecord,
): bigint {
  const base = guildPermissions(guild, member);
  if (base === allPermissions) return base;
  const { overwrites } = channel;
  let bits = overwrite(base, overwrites.get(guild.id));
  const ofRoles = [...member.roles].flatMap((id) => overwrites.get(id) ?? []);
  const deny = ofRoles.reduce((all, one) => all | one.deny, 0n);
  const allow = ofRoles.reduce((all, one) => all | one.allow, 0n);
  bits = (bits & ~deny) | allow;
  bits = overwrite(bits, overwrites.get(member.userId));
  return bits & PermissionFlagsBits.ViewChannel ? bits : 0n;
}

function overwrite(bits: bigint, by: Overwrite | undefined): bigint {
  return by ? (bits & ~by.deny) | by.allow : bits;
}

/** A thread has its parent's permissions; sending has a bit of its own, and private ones are for their members. */
export function threadPermissions(parent: bigint, thread: ThreadRecord, userId: string): bigint {
  const mayEnter =
    !thread.private || thread.members.has(userId) || (parent & PermissionFlagsBits.ManageThreads) !== 0n;
  if (!mayEnter) return 0n;
  const maySend = (parent & PermissionFlagsBits.SendMessagesInThreads) !== 0n;
  return maySend ? parent | PermissionFlagsBits.SendMessages : parent & ~PermissionFlagsBits.SendMessages;
}
