import type { Client } from 'discord.js';
import type { Logger } from '../../config/logger.ts';
import { Recent } from '../recent.ts';
import type { NeededPermission } from './permissions.ts';

/** As often as somebody who runs the bot may want to hear it of one channel. */
const AGAIN_AFTER_MS = 10 * 60_000;
const CHANNELS_REMEMBERED = 1_000;

export interface MissingPermissionsOptions {
  readonly client: Client;
  readonly needed: readonly NeededPermission[];
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Tells whoever runs the bot what it lacks in a channel, and where to switch it on. */
export class MissingPermissions {
  readonly #options: MissingPermissionsOptions;
  readonly #reported = new Recent<string, number>(CHANNELS_REMEMBERED);

  constructor(options: MissingPermissionsOptions) {
    this.#options = options;
  }

  report(channelId: string): void {
    const { logger, clock } = this.#options;
    const last = this.#reported.get(channelId) ?? Number.NEGATIVE_INFINITY;
    if (clock() - last < AGAIN_AFTER_MS) return;
    this.#reported.set(channelId, clock());
    logger.warn({ channel: channelId }, this.#words(channelId));
  }

  #words(channelId: string): string {
    const { client, needed } = this.#options;
    const channel = client.channels.cache.get(channelId);
    if (!channel || channel.isDMBased()) {
      return 'Discord does not let the bot answer somebody: they have closed their direct messages, or left.';
    }
    const granted = client.user ? channel.permissionsFor(client.user.id) : null;
    const missing = needed
      .filter(({ bit }) => !granted?.has(bit))
      .map(({ name, reason }) => `${name} (${reason})`);
    const role = channel.guild.members.me?.roles.botRole?.name ?? client.user?.username ?? 'the bot';
    return (
      `The bot cannot answer in #${channel.name} of ${channel.guild.name}: it lacks ` +
      `${missing.length > 0 ? missing.join(', ') : 'a permission'}. ` +
      `Open Server Settings, Roles, ${role}, Permissions (or Edit Channel, Permissions, where only this channel differs), and switch it on.`
    );
  }
}
