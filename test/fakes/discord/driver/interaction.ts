import type { APIModalInteractionResponseCallbackData, InteractionResponseType } from 'discord.js';
import { hasFailed } from '../world/interactions.ts';
import type { InteractionRecord } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { Message } from './message.ts';

/** A command that somebody used or a button that somebody pressed, and what the bot made of it. */
export class Interaction {
  readonly record: InteractionRecord;
  readonly #world: World;

  constructor(world: World, record: InteractionRecord) {
    this.#world = world;
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  get token(): string {
    return this.record.token;
  }

  /** The kind of the first answer; undefined until there is one. */
  get response(): InteractionResponseType | undefined {
    return this.record.response;
  }

  get acknowledgedAfterMs(): number | undefined {
    const { acknowledgedAt, createdAt } = this.record;
    return acknowledgedAt === undefined ? undefined : acknowledgedAt - createdAt;
  }

  /** The person sees "The application did not respond". */
  get hasFailed(): boolean {
    return hasFailed(this.#world, this.record);
  }

  get modal(): APIModalInteractionResponseCallbackData | undefined {
    return this.record.modal;
  }

  /** Its messages that are there now, oldest first; ephemeral ones too. */
  get replies(): Message[] {
    const { messages } = this.#world.channel(this.record.channelId);
    return [...this.record.messageIds]
      .flatMap((id) => messages.get(id) ?? [])
      .filter((one) => one.deletedAt === undefined)
      .map((one) => new Message(this.#world, one));
  }

  /** The first of them, once it says something. */
  get reply(): Message | undefined {
    return this.replies.find((message) => !message.isLoading);
  }
}
