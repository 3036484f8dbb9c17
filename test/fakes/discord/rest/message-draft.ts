import { MessageFlags } from 'discord.js';
import type { Changes, Draft } from '../world/messages.ts';
import type { MessageEdit } from './message-body.ts';

/** Flags that a bot may set on a message; the others are Discord's. */
const settable = MessageFlags.SuppressEmbeds | MessageFlags.SuppressNotifications;

/** The fields that make a new message. */
export function draftOf(
  body: MessageEdit,
): Pick<Draft, 'content' | 'embeds' | 'components' | 'allowedMentions' | 'flags'> {
  return {
    content: body.content ?? '',
    embeds: body.embeds ?? [],
    components: body.components ?? [],
    allowedMentions: body.allowed_mentions ?? undefined,
    flags: (body.flags ?? 0) & settable,
  };
}

/** The fields that an edit names: `null` empties one, absence leaves it alone. */
export function changesOf(body: MessageEdit): Changes {
  return {
    ...(body.content === undefined ? {} : { content: body.content ?? '' }),
    ...(body.embeds === undefined ? {} : { embeds: body.embeds ?? [] }),
    ...(body.components === undefined ? {} : { components: body.components ?? [] }),
    ...(body.flags === undefined ? {} : { flags: body.flags ?? 0 }),
    allowedMentions: body.allowed_mentions ?? undefined,
  };
}
