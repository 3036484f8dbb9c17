import { type APIMessage, type Client, Events, GatewayDispatchEvents, Status } from 'discord.js';
import type { Controls, OutletLimits, PostPlace } from '../../bot/ports.ts';
import type {
  AttachmentRef,
  Author,
  ConversationRef,
  HistoryMessage,
  MessageRef,
  ReplyTarget,
} from '../../bot/request.ts';
import type { Logger } from '../../config/logger.ts';
import type { ChatAdapter, OnPress, OnRequest } from '../adapter.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { Attachments } from './attachments.ts';
import { Chains } from './chains.ts';
import type { DiscordError } from './discord-error.ts';
import { DiscordOutlet } from './discord-outlet.ts';
import { History } from './history.ts';
import { Interactions } from './interactions.ts';
import { disconnected, logIn } from './login.ts';
import { LostPosts } from './lost-posts.ts';
import { messageRequest } from './message-request.ts';
import { MissingPermissions } from './missing-permissions.ts';
import { inviteLink, neededPermissions, type ThreadMode } from './permissions.ts';
import { Presence } from './presence.ts';
import { registerCommands } from './registration.ts';
import { Threads } from './threads.ts';
import { Twin } from './twin.ts';

export interface DiscordOptions {
  readonly token: string;
  /** Where the API is, without its version. */
  readonly apiUrl: string;
  /** Registers the commands in this one server; absent: everywhere. */
  readonly guildId?: string | undefined;
  /** Whether to read messages that do not mention the bot, if the switch for it is on. */
  readonly messageContent: boolean;
  readonly threads: ThreadMode;
  readonly logger: Logger;
  /** What is shown beside the bot's name. */
  readonly presence: () => Promise<string>;
  /** How often that is looked at. @defaultValue 15,000 */
  readonly presenceEveryMs?: number;
  /** Told of every answer 429. */
  readonly onRateLimited?: () => void;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** What needs a client. */
interface Parts {
  readonly client: Client<true>;
  readonly outlet: DiscordOutlet;
  readonly history: History;
  readonly attachments: Attachments;
}

/** Discord as a platform. */
export class DiscordAdapter implements ChatAdapter {
  readonly platform = 'discord';
  /** Settles when Discord has thrown the bot out for good; never while it is connected or can be again. */
  readonly lost: Promise<DiscordError>;
  readonly #options: DiscordOptions;
  #lose: (error: DiscordError) => void = () => undefined;
  #assembled: Parts | undefined;
  #presence: Presence | undefined;

  constructor(options: DiscordOptions) {
    this.#options = options;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  get self(): Author {
    const { user } = this.#parts.client;
    return { id: user.id, name: user.displayName };
  }

  /** Whether people can be heard: a connection that is lost is taken up again by itself. */
  get connected(): boolean {
    const { client } = this.#assembled ?? {};
    return client?.isReady() === true && client.ws.shards.every(({ status }) => status === Status.Ready);
  }

  /** Where a server's owner lets the bot in. */
  get invite(): string {
    return inviteLink(this.#parts.client.application.id, this.#options.threads);
  }

  introduction(): string {
    const { client } = this.#parts;
    const servers = client.guilds.cache.size;
    const where =
      servers === 0 ? 'in no server yet' : servers === 1 ? 'in one server' : `in ${servers} servers`;
    return `In Discord as ${client.user.tag}, ${where}. To invite it into a server, open\n  ${this.invite}`;
  }

  /** @throws DiscordError when Discord does not let the bot in. */
  async start(onRequest: OnRequest, onPress?: OnPress): Promise<void> {
    const { guildId, logger, presence, presenceEveryMs } = this.#options;
    const { client } = await logIn({
      ...this.#options,
      prepare: (one) => {
        this.#assembled = this.#assemble(one as Client<true>, onRequest, onPress);
      },
    });
    client.on(Events.ShardDisconnect, ({ code }) => this.#lose(disconnected(code)));
    await registerCommands(client, guildId, logger);
    this.#presence = new Presence({
      client,
      describe: presence,
      ...(presenceEveryMs !== undefined && { everyMs: presenceEveryMs }),
    });
    this.#presence.start();
  }

  async stop(): Promise<void> {
    this.#presence?.stop();
    const { client } = this.#assembled ?? {};
    client?.removeAllListeners(Events.MessageCreate);
    client?.removeAllListeners(Events.InteractionCreate);
    client?.removeAllListeners(Events.Raw);
    client?.removeAllListeners(Events.ShardReconnecting);
    await client?.destroy();
  }

  history(conversation: ConversationRef, limit: number): Promise<readonly HistoryMessage[]> {
    return this.#parts.history.read(conversation, limit);
  }

  attachment(ref: AttachmentRef): Promise<Uint8Array> {
    return this.#parts.attachments.read(ref);
  }

  limits(where: ReplyTarget): OutletLimits {
    return this.#parts.outlet.limits(where);
  }

  post(where: ReplyTarget, page: string, controls: Controls, place: PostPlace): Promise<MessageRef> {
    return this.#parts.outlet.post(where, page, controls, place);
  }

  edit(message: MessageRef, page: string, controls: Controls): Promise<void> {
    return this.#parts.outlet.edit(message, page, controls);
  }

  remember(messages: readonly MessageRef[]): void {
    this.#parts.outlet.remember(messages);
  }

  typing(where: ReplyTarget): Promise<void> {
    return this.#parts.outlet.typing(where);
  }

  subdue(line: string): string {
    return this.#parts.outlet.subdue(line);
  }

  /** @throws Error before the start. */
  get #parts(): Parts {
    if (!this.#assembled) throw new Error('Discord has not been started.');
    return this.#assembled;
  }

  /** Listens before the client connects, so that nothing is missed; it hears nothing before it is ready. */
  #assemble(client: Client<true>, onRequest: OnRequest, onPress: OnPress | undefined): Parts {
    const { apiUrl, threads: mode, logger, clock } = this.#options;
    const chains = new Chains();
    const threads = new Threads(client, mode);
    const acknowledgements = new Acknowledgements();
    const missing = new MissingPermissions({ client, needed: neededPermissions(mode), logger, clock });
    const twin = new Twin(logger);
    const lost = new LostPosts({ client, chains });
    const interactions = new Interactions({
      client,
      acknowledgements,
      chains,
      twin,
      logger,
      onRequest,
      onPress,
    });
    client.on(Events.MessageCreate, (message) => {
      const request = messageRequest(message, { client, chains, threads });
      if (request) onRequest(request);
    });
    // As it comes, because messages that nobody remembers are not told of otherwise.
    client.on(Events.Raw, ({ t, d }: { readonly t: string; readonly d: APIMessage }) => {
      if (t === GatewayDispatchEvents.MessageUpdate && d.author?.id === client.user?.id)
        twin.seen(d.id, d.content ?? '');
    });
    client.on(Events.InteractionCreate, (interaction) => void interactions.handle(interaction));
    client.on(Events.Error, (error) => logger.warn({ err: error }, 'the connection to Discord'));
    client.on(Events.ShardError, (error) => logger.warn({ err: error }, 'the connection to Discord'));
    client.on(Events.ShardReconnecting, () => logger.info('reconnecting to Discord'));
    client.on(Events.ShardResume, () => logger.info('connected to Discord again'));
    return {
      client,
      outlet: new DiscordOutlet({ client, acknowledgements, chains, lost, threads, missing, twin, clock }),
      history: new History({ client, chains, threads }),
      attachments: new Attachments(client, apiUrl),
    };
  }
}
