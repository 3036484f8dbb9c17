import { InteractionResponseType } from 'discord.js';
import { ApiError } from '../rest/api-error.ts';
import type { InteractionRecord } from './records.ts';
import type { World } from './world.ts';

/** Discord drops an interaction that the bot has not acknowledged by then, and tells the person that it failed. */
export const acknowledgeWithinMs = 3_000;

/** How long follow-ups and edits are possible with an interaction's token. */
export const tokenLifetimeMs = 15 * 60_000;

/** Whether the person sees "The application did not respond". */
export function hasFailed(world: World, interaction: InteractionRecord): boolean {
  return (
    interaction.acknowledgedAt === undefined &&
    world.clock.now() - interaction.createdAt > acknowledgeWithinMs
  );
}

/**
 * Takes the bot's first answer.
 * @throws ApiError 10062 too late or never seen, 40060 a second time.
 */
export function acknowledge(
  world: World,
  id: string,
  token: string,
  response: InteractionResponseType,
): InteractionRecord {
  const interaction = world.interactions.get(token);
  if (!interaction || interaction.id !== id) throw new ApiError('unknownInteraction');
  if (hasFailed(world, interaction) || isOver(world, interaction)) throw new ApiError('unknownInteraction');
  if (interaction.acknowledgedAt !== undefined) throw new ApiError('alreadyAcknowledged');
  interaction.acknowledgedAt = world.clock.now();
  interaction.response = response;
  return interaction;
}

/**
 * The interaction behind a webhook address.
 * @throws ApiError 50027 for expired and invented tokens, 10015 before the interaction was acknowledged.
 */
export function usableInteraction(world: World, applicationId: string, token: string): InteractionRecord {
  const interaction = world.interactions.get(token);
  if (!interaction || applicationId !== world.application.id || isOver(world, interaction)) {
    throw new ApiError('invalidWebhookToken');
  }
  if (interaction.acknowledgedAt === undefined || interaction.response === InteractionResponseType.Modal) {
    throw new ApiError('unknownWebhook');
  }
  return interaction;
}

function isOver(world: World, interaction: InteractionRecord): boolean {
  return world.clock.now() - interaction.createdAt > tokenLifetimeMs;
}
