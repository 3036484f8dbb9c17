import type { webApi } from '@slack/bolt';

/** Whether the bot is in a conversation. Where that is not known, it is treated as outside, which works everywhere. */
export async function isInside(client: webApi.WebClient, channel: string): Promise<boolean> {
  try {
    const info = await client.conversations.info({ channel });
    return info.channel?.is_im === true || info.channel?.is_member === true;
  } catch {
    return false;
  }
}

const OUTSIDE = 'outside-';

/** Where the bot is no member it has no memory, and requests need not wait for each other: each is a thread of its own. */
export function outside(request: string): string {
  return `${OUTSIDE}${request.slice(-12)}`;
}

export function isOutside(thread: string | undefined): boolean {
  return thread?.startsWith(OUTSIDE) === true;
}
