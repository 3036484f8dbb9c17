import {
  type APIMessage,
  type Client,
  DiscordAPIError,
  MessageFlags,
  RESTJSONErrorCodes,
  RequestMethod,
  type RouteLike,
  Routes,
} from 'discord.js';
import { OutletError } from '../../bot/delivery/outlet-error.ts';
import type { Controls, Outlet, OutletLimits, PostPlace } from '../../bot/ports.ts';
import type { MessageRef, ReplyTarget } from '../../bot/request.ts';
import { Recent } from '../recent.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Chains } from './chains.ts';
import type { LostPosts } from './lost-posts.ts';
import { MESSAGE_LENGTH, type MessageBody, messageBody, nonceOf } from './message-body.ts';
import type { MissingPermissions } from './missing-permissions.ts';
import { isDenied, isTokenOver, toOutletError } from './outlet-failure.ts';
import { subduedLine } from './plain-text.ts';
import type { Threads } from './threads.ts';
import type { Twin } from './twin.ts';
import { addressOf, type InteractionWay, type Way, wayOf } from './way.ts';

/** Measured, not promised; discord.js reads the headers and refuses what would be too much after all. */
const CHANNEL_CALLS = { calls: 5, perMs: 5_000 };
const TOKEN_CALLS = { calls: 5, perMs: 2_000 };

/** A call that is not answered by then is repeated by delivery, with newer text. */
const TIMEOUT_MS = 10_000;

/** When fewer calls than this are left in a second, they are for words. */
const CALLS_FOR_WORDS = 10;

/** More interactions than are ever answered at the same time. */
const TOKENS_REMEMBERED = 10_000;

/** Typing is shown for ten seconds to all who wait in a channel: several replies need not say it at once. */
const TYPING_SHARED_MS = 2_000;

export interface DiscordOutletOptions {
  readonly client: Client;
  readonly acknowledgements: Acknowledgements;
  readonly chains: Chains;
  readonly lost: LostPosts;
  readonly threads: Threads;
  readonly missing: MissingPermissions;
  readonly twin: Twin;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

interface Posted {
  readonly message: APIMessage;
  /** How it can be edited. */
  readonly by: Way;
}

/** Posts and edits, as calls on plain ids: what is addressed survives the process. */
export class DiscordOutlet implements Outlet {
  readonly #options: DiscordOutletOptions;
  readonly #typedAt = new Map<string, number>();
  /** Interactions whose token Discord has refused. */
  readonly #over = new Recent<string, true>(TOKENS_REMEMBERED);

  constructor(options: DiscordOutletOptions) {
    this.#options = options;
  }

  limits(where: ReplyTarget): OutletLimits {
    const way = wayOf(where);
    if (way.by === 'interaction' && this.#isAlive(way)) {
      const { interaction } = way;
      return {
        messageLength: MESSAGE_LENGTH,
        posts: { key: `discord/follow-up/${interaction}`, ...TOKEN_CALLS },
        edits: { key: `discord/answer/${interaction}`, ...TOKEN_CALLS },
      };
    }
    // A thread has the id of the message that it hangs on.
    const channel = way.by === 'thread' ? way.replyTo : way.channel;
    return {
      messageLength: MESSAGE_LENGTH,
      posts: { key: `discord/post/${channel}`, ...CHANNEL_CALLS },
      edits: { key: `discord/edit/${channel}`, ...CHANNEL_CALLS },
    };
  }

  subdue(line: string): string {
    return subduedLine(line);
  }

  async post(where: ReplyTarget, page: string, controls: Controls, place: PostPlace): Promise<MessageRef> {
    const way = wayOf(where);
    return this.#translated(way.channel, async () => {
      const body = messageBody(page, controls);
      const { message, by } = await this.#postOnce(way, body, place);
      const { conversation } = where;
      this.#options.chains.add(message.id, conversation.id);
      // Both: asked twice for one message, Discord keeps the first text.
      for (const text of [message.content, body.content]) this.#options.twin.sending(message.id, text);
      return { conversation, id: message.id, address: addressOf(by) };
    });
  }

  async edit(message: MessageRef, page: string, controls: Controls): Promise<void> {
    const way = wayOf(message);
    await this.#translated(way.channel, async () => {
      const body = messageBody(page, controls);
      this.#options.twin.sending(message.id, body.content);
      if (way.by === 'interaction') {
        const edited = await this.#byToken(way, 'PATCH', `/messages/${message.id}`, body);
        if (edited) return;
        if (way.privately) throw privacyIsOver();
      }
      await this.#call('PATCH', Routes.channelMessage(way.channel, message.id), body);
    });
  }

  remember(messages: readonly MessageRef[]): void {
    for (const { id, conversation } of messages) this.#options.chains.add(id, conversation.id);
  }

  async typing(where: ReplyTarget): Promise<void> {
    const way = wayOf(where);
    // A deferred answer says "is thinking" by itself.
    if (way.by === 'interaction') return;
    await this.#translated(way.channel, async () => {
      const channel = way.by === 'thread' ? await this.#options.threads.open(way) : way.channel;
      if (this.#typesAlready(channel) || this.#isBusy()) return;
      await this.#call('POST', Routes.channelTyping(channel));
    });
  }

  /** Looks first where an earlier try may have arrived. */
  async #postOnce(way: Way, body: MessageBody, place: PostPlace): Promise<Posted> {
    const { lost, clock } = this.#options;
    if (place.since !== undefined) lost.doubt(place, place.since);
    const calledAt = clock();
    try {
      const posted = (await this.#find(way, place)) ?? (await this.#post(way, body, place));
      lost.settled(place);
      return posted;
    } catch (error) {
      if (toOutletError(error).code === 'OUTLET_FAILED') lost.doubt(place, calledAt);
      throw error;
    }
  }

  async #post(way: Way, body: MessageBody, place: PostPlace): Promise<Posted> {
    const answer = way.by === 'interaction' ? await this.#answer(way, body, place) : undefined;
    if (answer) return { message: answer, by: way };
    const message = await this.#send(way, body, place);
    return { message, by: { by: 'channel', channel: message.channel_id } };
  }

  async #find(way: Way, place: PostPlace): Promise<Posted | undefined> {
    const { lost, threads } = this.#options;
    if (!lost.isDoubtful(place)) return undefined;
    if (way.by === 'interaction') {
      // Nobody but the asker can see it; and what fills the message of a deferral is there once, however often it is sent.
      const fills = way.deferred && place.index === 0 && this.#isAlive(way);
      if (way.privately || fills) return undefined;
    }
    const channel = way.by === 'thread' ? await threads.open(way) : way.channel;
    const interaction = way.by === 'interaction' ? way.interaction : undefined;
    const message = await lost.find(channel, place, interaction);
    if (!message) return undefined;
    const answers = interaction !== undefined && message.interaction_metadata?.id === interaction;
    return { message, by: answers ? way : { by: 'channel', channel } };
  }

  /** Undefined: the token does nothing any more, and the channel has to do. */
  async #answer(
    way: InteractionWay,
    body: MessageBody,
    { index }: PostPlace,
  ): Promise<APIMessage | undefined> {
    const flags = body.flags | (way.privately ? MessageFlags.Ephemeral : 0);
    const message =
      way.deferred && index === 0
        ? await this.#byToken(way, 'PATCH', '/messages/@original', body)
        : await this.#byToken(way, 'POST', '', { ...body, flags });
    if (!message && way.privately) throw privacyIsOver();
    return message;
  }

  /** Undefined: the token's time is over. */
  async #byToken(
    way: InteractionWay,
    method: 'POST' | 'PATCH',
    path: '' | `/${string}`,
    body: object,
  ): Promise<APIMessage | undefined> {
    await this.#options.acknowledgements.over(way.interaction);
    if (!this.#isAlive(way)) return undefined;
    try {
      // The token in the address is the authorisation, and a refusal of it must not cost the bot its own.
      const route: RouteLike = `${Routes.webhook(way.application, way.token)}${path}`;
      return (await this.#call(method, route, body, false)) as APIMessage;
    } catch (error) {
      if (!isTokenOver(error)) throw error;
      this.#over.set(way.interaction, true);
      return undefined;
    }
  }

  async #send(way: Way, body: MessageBody, place: PostPlace): Promise<APIMessage> {
    const channel = way.by === 'thread' ? await this.#options.threads.open(way) : way.channel;
    const post = { ...body, nonce: nonceOf(place), enforce_nonce: true };
    const send = async (message: object) =>
      (await this.#call('POST', Routes.channelMessages(channel), message)) as APIMessage;
    if (way.by === 'interaction' || way.replyTo === undefined || channel !== way.channel) return send(post);
    try {
      // Every page replies: so a chain of replies can be followed whatever was said in between.
      const reference = { message_id: way.replyTo, fail_if_not_exists: false };
      return await send({ ...post, message_reference: reference });
    } catch (error) {
      if (!mayNotReply(error)) throw error;
      return send(post);
    }
  }

  #call(method: 'POST' | 'PATCH', fullRoute: RouteLike, body?: object, auth = true): Promise<unknown> {
    return this.#options.client.rest.request({
      method: method === 'POST' ? RequestMethod.Post : RequestMethod.Patch,
      fullRoute,
      auth,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body && { body }),
    });
  }

  async #translated<T>(channel: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isDenied(error)) this.#options.missing.report(channel);
      throw toOutletError(error);
    }
  }

  /** As far as Discord has said: by our clock nobody can tell, which may be wrong by more than a token lives. */
  #isAlive({ interaction }: InteractionWay): boolean {
    return this.#over.get(interaction) === undefined;
  }

  #isBusy(): boolean {
    const { globalRemaining, globalReset } = this.#options.client.rest;
    return globalRemaining < CALLS_FOR_WORDS && Date.now() < globalReset;
  }

  /** Another reply has just said so in the channel; else this one is about to. */
  #typesAlready(channel: string): boolean {
    const now = this.#options.clock();
    for (const [other, at] of this.#typedAt) if (now - at >= TYPING_SHARED_MS) this.#typedAt.delete(other);
    if (this.#typedAt.has(channel)) return true;
    this.#typedAt.set(channel, now);
    return false;
  }
}

function privacyIsOver(): OutletError {
  return new OutletError(
    'OUTLET_GONE',
    'the time of a private answer is over, and others would read the rest',
  );
}

/** Replies need the permission to read the history; messages do not. */
function mayNotReply(error: unknown): boolean {
  const code = RESTJSONErrorCodes.CannotReplyWithoutPermissionToReadMessageHistory;
  return error instanceof DiscordAPIError && error.code === code;
}
