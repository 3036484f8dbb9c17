import type { APIGuildMember, APIUser, GatewayMessageEventExtraFields } from 'discord.js';
import type { MemberRecord, UserRecord } from '../world/records.ts';
import { noFlags } from './no-flags.ts';
import { timestamp } from './timestamp.ts';

export function userJson(user: UserRecord): APIUser {
  return {
    id: user.id,
    username: user.username,
    // People have had none since 2023; bots keep theirs.
    discriminator: user.bot ? '4242' : '0',
    global_name: user.globalName,
    avatar: null,
    public_flags: noFlags,
    ...(user.bot ? { bot: true } : {}),
  };
}

type MemberWithoutUser = NonNullable<GatewayMessageEventExtraFields['member']>;

/** A member as it stands beside a user, in message events. */
export function memberWithoutUserJson(member: MemberRecord): MemberWithoutUser {
  return {
    nick: member.nick,
    avatar: null,
    banner: null,
    roles: [...member.roles],
    joined_at: timestamp(member.joinedAt),
    premium_since: null,
    deaf: false,
    mute: false,
    flags: noFlags,
    pending: false,
    communication_disabled_until: null,
  };
}

export function memberJson(member: MemberRecord, user: UserRecord): APIGuildMember {
  return { ...memberWithoutUserJson(member), user: userJson(user) };
}
