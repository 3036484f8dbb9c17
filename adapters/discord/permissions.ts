import { PermissionFlagsBits } from 'discord.js';

export interface NeededPermission {
  readonly bit: bigint;
  /** As Discord's pages call it. */
  readonly name: string;
  readonly reason: string;
}

export type ThreadMode = 'never' | 'auto' | 'always';

const ALWAYS: readonly NeededPermission[] = [
  { bit: PermissionFlagsBits.ViewChannel, name: 'View Channels', reason: 'to hear where it is mentioned' },
  { bit: PermissionFlagsBits.SendMessages, name: 'Send Messages', reason: 'to answer' },
  {
    bit: PermissionFlagsBits.SendMessagesInThreads,
    name: 'Send Messages in Threads',
    reason: 'to answer in threads',
  },
  {
    bit: PermissionFlagsBits.ReadMessageHistory,
    name: 'Read Message History',
    reason: 'to reply to a message, and to read what was said before',
  },
];

const FOR_THREADS: NeededPermission = {
  bit: PermissionFlagsBits.CreatePublicThreads,
  name: 'Create Public Threads',
  reason: 'to open a thread for an answer (DISCORD_THREADS)',
};

/** What the bot needs to be allowed, and nothing else: it pings nobody, embeds nothing and uploads nothing. */
export function neededPermissions(threads: ThreadMode): readonly NeededPermission[] {
  return threads === 'never' ? ALWAYS : [...ALWAYS, FOR_THREADS];
}

/** Where a server's owner lets the bot in, with exactly the needed permissions. */
export function inviteLink(applicationId: string, threads: ThreadMode): string {
  const permissions = neededPermissions(threads).reduce((all, { bit }) => all | bit, 0n);
  const query = new URLSearchParams({
    client_id: applicationId,
    scope: 'bot applications.commands',
    permissions: String(permissions),
  });
  return `https://discord.com/oauth2/authorize?${query}`;
}
