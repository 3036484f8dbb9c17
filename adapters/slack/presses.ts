import type { BlockAction } from '@slack/bolt';
import { type ButtonPress, readButtonId } from '../../bot/buttons.ts';
import type { ConversationRef } from '../../bot/request.ts';
import type { People } from './people.ts';
import { addressOf, conversation, isDirect, momentOf, type Way } from './way.ts';

/** A pressed button as the bot knows it; undefined when it is none of ours. */
export async function readPress(
  body: BlockAction,
  people: People,
  team: string,
): Promise<ButtonPress | undefined> {
  const [action] = body.actions;
  const value = action && 'value' in action && typeof action.value === 'string' ? action.value : '';
  const button = readButtonId(value);
  const place = placeOf(body);
  if (!button || !action || !place) return undefined;
  const { id, name, admin } = await people.person(body.user.id);
  return {
    id: `${body.container.message_ts ?? ''}/${action.action_ts}`,
    ...button,
    by: { id, name },
    moderator: admin,
    where: { conversation: conversationOf(body, place, button.turn), address: addressOf(wayOf(body, place)) },
    origin: { direct: isDirect(place.channel), workspace: team, channels: [place.channel], roles: [] },
    at: momentOf(action.action_ts),
  };
}

interface Place {
  readonly channel: string;
  readonly thread?: string;
}

function placeOf({ channel, container }: BlockAction): Place | undefined {
  const id = channel?.id ?? (typeof container.channel_id === 'string' ? container.channel_id : undefined);
  const thread: unknown = container.thread_ts;
  return id === undefined ? undefined : { channel: id, ...(typeof thread === 'string' && { thread }) };
}

/** A message that only one person sees may belong to a conversation that Slack does not know; its turn knows it. */
function conversationOf({ container }: BlockAction, place: Place, turn: string): ConversationRef {
  const [, id] = /^slack:(.+)\/[^/]+$/u.exec(turn) ?? [];
  if (container.is_ephemeral === true && id !== undefined) return { platform: 'slack', id };
  return conversation(place.channel, place.thread);
}

/** Of a message that only one person sees there is nothing to answer but the press itself. */
function wayOf({ container, response_url, user }: BlockAction, { channel, thread }: Place): Way {
  if (container.is_ephemeral === true)
    return { by: 'response', url: response_url, privately: true, once: true };
  if (isDirect(channel) && thread !== undefined) return { by: 'stream', channel, thread, user: user.id };
  return { by: 'message', channel, ...(thread !== undefined && { thread }) };
}
