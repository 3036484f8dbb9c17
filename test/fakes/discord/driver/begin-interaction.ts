import { randomBytes } from 'node:crypto';
import { type InteractionType, MessageType } from 'discord.js';
import { keepSecret, keepTextsIn } from '../../confidential.ts';
import { interactionJson } from '../wire/interaction-json.ts';
import type { InteractionRecord, MessageRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { Interaction } from './interaction.ts';

export interface NewInteraction {
  readonly type: InteractionType;
  readonly userId: string;
  readonly channelId: string;
  readonly name: string;
  /** What the payload carries under `data`. */
  readonly data: object;
  /** The message whose button was pressed. */
  readonly source?: MessageRecord;
  /** How Discord marks the answer. Default: as the answer to a slash command. */
  readonly messageType?: MessageType;
}

/** Tells the bot that somebody wants something; its three seconds begin. */
export function beginInteraction(world: World, { data, source, ...rest }: NewInteraction): Interaction {
  const record: InteractionRecord = {
    id: world.ids.next(),
    // Real ones are long and opaque; discord.js puts them into addresses.
    token: keepSecret(randomBytes(96).toString('base64url')),
    type: rest.type,
    userId: rest.userId,
    channelId: rest.channelId,
    name: rest.name,
    createdAt: world.clock.now(),
    messageType: rest.messageType ?? MessageType.ChatInputCommand,
    messageIds: new Set(),
    ...(source ? { sourceMessageId: source.id } : {}),
  };
  keepTextsIn(data);
  world.interactions.set(record.token, record);
  const payload = interactionJson(world, record, data, source);
  world.emit({ type: 'interaction', interaction: record, payload });
  return new Interaction(world, record);
}
