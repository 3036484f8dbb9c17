import { createHash } from 'node:crypto';
import {
  type APIActionRowComponent,
  type APIAllowedMentions,
  type APIButtonComponent,
  MessageFlags,
} from 'discord.js';
import { OutletError } from '../../bot/delivery/outlet-error.ts';
import type { Controls, PostPlace } from '../../bot/ports.ts';
import { buttonRows } from './button-rows.ts';
import { shownText } from './plain-text.ts';

/** In UTF-16 units: Discord says "characters", and this is the strictest reading. */
export const MESSAGE_LENGTH = 2_000;

/** What posts and edits have in common. */
export interface MessageBody {
  readonly content: string;
  readonly components: APIActionRowComponent<APIButtonComponent>[];
  readonly allowed_mentions: APIAllowedMentions;
  readonly flags: MessageFlags;
}

/** @throws OutletError `OUTLET_TOO_LONG`: escaping has made the text longer. */
export function messageBody(page: string, controls: Controls): MessageBody {
  const content = shownText(page);
  if (content.length > MESSAGE_LENGTH) {
    throw new OutletError('OUTLET_TOO_LONG', `with its escapes the text has ${content.length} characters`);
  }
  return {
    content,
    components: buttonRows(controls),
    allowed_mentions: { parse: [], replied_user: false },
    // Addresses that a model makes up must not be fetched and shown.
    flags: MessageFlags.SuppressEmbeds,
  };
}

/** Discord takes 25 characters, and posts once what it gets twice with the same. */
export function nonceOf({ turn, index }: PostPlace): string {
  return createHash('sha256').update(`${turn}/${index}`).digest('base64url').slice(0, 24);
}
