import {
  type APIMessage,
  type Client,
  ComponentType,
  DiscordAPIError,
  MessageFlags,
  Routes,
  SnowflakeUtil,
} from 'discord.js';
import { readButtonId } from '../../bot/buttons.ts';
import type { PostPlace } from '../../bot/ports.ts';
import { Recent } from '../recent.ts';
import type { Chains } from './chains.ts';

/** More than are ever in doubt at the same time. */
const REMEMBERED = 1_000;

/** By how much Discord's clock and ours may differ. */
const CLOCK_SKEW_MS = 60_000;

/** Discord gives at most a hundred messages a call; what more was said since then is not worth more calls. */
const PAGE = 100;
const MOST_PAGES = 5;

const TIMEOUT_MS = 10_000;

export interface LostPostsOptions {
  readonly client: Client;
  /** Knows the messages of which the bot heard that they were posted. */
  readonly chains: Chains;
}

/**
 * Posts of which nobody heard whether they were carried out. Discord forgets a nonce within minutes, and answers to
 * interactions have none at all: these are looked for in the channel before they are posted again.
 */
export class LostPosts {
  readonly #options: LostPostsOptions;
  /** With the first moment at which the message may have been posted. */
  readonly #doubtful = new Recent<string, number>(REMEMBERED);

  constructor(options: LostPostsOptions) {
    this.#options = options;
  }

  /** It may have been posted since then. */
  doubt(place: PostPlace, since: number): void {
    const key = keyOf(place);
    this.#doubtful.set(key, Math.min(since, this.#doubtful.get(key) ?? since));
  }

  isDoubtful(place: PostPlace): boolean {
    return this.#doubtful.get(keyOf(place)) !== undefined;
  }

  /** It is there. */
  settled(place: PostPlace): void {
    this.#doubtful.delete(keyOf(place));
  }

  /**
   * The message, if it is there and says whose it is: by its buttons, or as an answer to this interaction.
   *
   * @throws an error of discord.js when the channel cannot be read now.
   */
  async find(channel: string, place: PostPlace, interaction?: string): Promise<APIMessage | undefined> {
    const since = this.#doubtful.get(keyOf(place));
    if (since === undefined) return undefined;
    let after = SnowflakeUtil.generate({ timestamp: since - CLOCK_SKEW_MS }).toString();
    for (let page = 0; page < MOST_PAGES; page++) {
      const newestFirst = await this.#page(channel, after);
      const found = newestFirst.findLast(
        (message) => this.#isUnclaimed(message) && says(message, place.turn, interaction),
      );
      const [newest] = newestFirst;
      if (found || !newest || newestFirst.length < PAGE) return found;
      after = newest.id;
    }
    return undefined;
  }

  /** Empty where the bot may not look. */
  async #page(channel: string, after: string): Promise<readonly APIMessage[]> {
    try {
      return (await this.#options.client.rest.get(Routes.channelMessages(channel), {
        query: new URLSearchParams({ limit: String(PAGE), after }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })) as APIMessage[];
    } catch (error) {
      if (error instanceof DiscordAPIError && error.status < 500) return [];
      throw error;
    }
  }

  /** A deferred answer that is still loading is no post: it is filled by an edit. */
  #isUnclaimed({ id, author, flags }: APIMessage): boolean {
    const { client, chains } = this.#options;
    const loads = ((flags ?? 0) & MessageFlags.Loading) !== 0;
    return author.id === client.user?.id && !loads && chains.conversationOf(id) === undefined;
  }
}

function says(message: APIMessage, turn: string, interaction: string | undefined): boolean {
  if (interaction !== undefined && message.interaction_metadata?.id === interaction) return true;
  return (message.components ?? []).some(
    (row) =>
      row.type === ComponentType.ActionRow &&
      row.components.some((button) => 'custom_id' in button && readButtonId(button.custom_id)?.turn === turn),
  );
}

function keyOf({ turn, index }: PostPlace): string {
  return `${turn}#${index}`;
}
