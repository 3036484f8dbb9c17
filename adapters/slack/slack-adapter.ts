import { AttachmentError } from '../../bot/attachment-error.ts';
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
import { Recent } from '../recent.ts';
import { AgentView } from './agent-view.ts';
import { CatchUp } from './catch-up.ts';
import { slackName } from './command-name.ts';
import { CommandReader } from './commands.ts';
import { fetchFile } from './files.ts';
import { History } from './history.ts';
import { Intake } from './intake.ts';
import { isLink, LinkedMessages } from './linked-message.ts';
import { listen } from './listeners.ts';
import { MessageReader } from './messages.ts';
import { NativeStreams } from './native-streams.ts';
import { People } from './people.ts';
import { PostedMessages } from './posted-messages.ts';
import { ShortcutReader } from './shortcuts.ts';
import { createSlackApp, type SlackApp, type Transport } from './slack-app.ts';
import type { SlackError } from './slack-error.ts';
import { refusalOf } from './slack-failure.ts';
import { SlackOutlet } from './slack-outlet.ts';
import { Threads } from './threads.ts';
import { placeOf } from './way.ts';

export interface SlackOptions {
  readonly botToken: string;
  readonly apiUrl: string;
  readonly transport: Transport;
  /** Answers go into a thread under the message; else to where it was written. */
  readonly inThreads: boolean;
  /** Messages in threads that the bot is part of need no mention. */
  readonly follow: boolean;
  /** Before every slash command. */
  readonly commandPrefix: string;
  /** Ids of turns of earlier processes, the latest first: what was missed in their conversations since then is answered. */
  readonly earlierTurns?: readonly string[];
  /** Where something was heard, for later processes; absent: only `earlierTurns` tells where to look. */
  readonly places?: Places;
  readonly logger: Logger;
  /** Told of every answer 429. */
  readonly onRateLimited?: () => void;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Channels in which something was heard, with when it was last. */
export interface Places {
  /** From earlier processes, the latest first. */
  readonly earlier: readonly { readonly channel: string; readonly at: number }[];
  readonly note: (channel: string, at: number) => void;
}

/** A channel is noted so often at most: what was heard since is read once more, and known. */
const NOTED_EVERY_MS = 60_000;
/** Channels of which it is known when they were noted. */
const NOTED = 1_000;

/** What there is once Slack has said who the bot is. */
interface Connected {
  readonly self: Author;
  readonly workspace: string;
  readonly history: History;
  readonly threads: Threads;
  readonly links: LinkedMessages;
  readonly outlet: SlackOutlet;
}

/** Slack as a platform: one workspace, by Socket Mode or over HTTP. */
export class SlackAdapter implements ChatAdapter {
  readonly platform = 'slack';
  readonly #options: SlackOptions;
  readonly #app: SlackApp;
  /** Settles when Slack has thrown the bot out for good. */
  readonly lost: Promise<SlackError>;
  readonly #noted = new Recent<string, number>(NOTED);
  #catchUp: CatchUp | undefined;
  #connected: Connected | undefined;
  #hears = false;

  constructor(options: SlackOptions) {
    this.#options = options;
    let lose: (reason: SlackError) => void = () => undefined;
    this.lost = new Promise((resolve) => {
      lose = resolve;
    });
    this.#app = createSlackApp({
      ...options,
      onLost: lose,
      onDisconnected: () => {
        this.#hears = false;
        this.#catchUp?.disconnected();
      },
      onReconnected: () => {
        this.#hears = true;
        void this.#catchUp?.run();
      },
    });
  }

  get self(): Author {
    return this.#there.self;
  }

  /** Over HTTP: the port at which Slack's events are taken. */
  get port(): number | undefined {
    return this.#app.port;
  }

  /** @throws SlackError when Slack does not let the bot in. */
  async start(onRequest: OnRequest, onPress?: OnPress): Promise<void> {
    const { logger, clock, inThreads, follow, commandPrefix, onRateLimited } = this.#options;
    const { app, writer, reader } = this.#app;
    const { user, bot, name, team, workspace } = await this.#app.identity();
    const self = { user, bot };
    const people = new People(reader, clock);
    const history = new History(reader, people, self);
    const threads = new Threads(history);
    const agentView = new AgentView({ client: writer, patient: reader, logger, clock });
    const streams = new NativeStreams({ client: writer, reader, team, clock });
    const outlet = new SlackOutlet({
      posted: new PostedMessages(writer, reader, clock),
      streams,
      agentView,
      team,
      onPosted: (channel, thread) => threads.join(channel, thread),
      ...(onRateLimited && { onRateLimited }),
    });
    const intake = new Intake({
      writer,
      people,
      team,
      messages: new MessageReader({ self, team, people, history, threads, inThreads, follow }),
      commands: new CommandReader({ client: reader, people, team, prefix: commandPrefix, clock }),
      shortcuts: new ShortcutReader({ client: reader, people, history, team }),
      agentView,
      onRequest,
      onPress,
      divert: (turn, way) => outlet.divert(turn, way),
      streamedTurn: (channel, ts) => streams.turnOf(channel, ts),
      onHeard: (channel, ts) => this.#heard(channel, ts),
      logger,
      clock,
    });
    this.#catchUp = new CatchUp({
      client: reader,
      history,
      threads,
      logger,
      clock,
      onMessage: (message) => intake.hear(message),
    });
    this.#connected = {
      self: { id: user, name },
      workspace,
      history,
      threads,
      links: new LinkedMessages(reader, history, people),
      outlet,
    };
    listen(app, intake);
    this.#lookBack(this.#catchUp, threads);
    await this.#app.start();
    this.#hears = true;
    void this.#catchUp.run();
  }

  /** Who the bot is there, and how people get to it. */
  introduction(): string {
    const { self, workspace } = this.#there;
    return `In Slack as @${self.name}, in ${workspace}. People write it direct messages, or invite it to a channel: /invite @${self.name}`;
  }

  /** Whether people can be heard: a connection that is lost is made again by itself. */
  get connected(): boolean {
    return this.#hears;
  }

  stop(): Promise<void> {
    this.#hears = false;
    return this.#app.stop();
  }

  commandName(name: string): string {
    return slackName(name, this.#options.commandPrefix);
  }

  async history(conversation: ConversationRef, limit: number): Promise<readonly HistoryMessage[]> {
    const { history, threads } = this.#there;
    const { channel, thread } = placeOf(conversation);
    const only = thread === undefined ? undefined : threads.only(channel, thread);
    if (only) return history.read([only]);
    try {
      return await history.newest(conversation, limit);
    } catch (cause) {
      const { code } = refusalOf(cause);
      const words = `I cannot read what was said here (${code}): I have to be in the channel. Invite me, or paste the text.`;
      throw new AttachmentError('UNREADABLE', words, { cause });
    }
  }

  async attachment(ref: AttachmentRef): Promise<Uint8Array> {
    const { botToken: token, apiUrl } = this.#options;
    return isLink(ref) ? this.#there.links.read(ref) : fetchFile(ref, { token, apiUrl });
  }

  limits(where: ReplyTarget): OutletLimits {
    return this.#there.outlet.limits(where);
  }

  post(where: ReplyTarget, page: string, controls: Controls, place: PostPlace): Promise<MessageRef> {
    return this.#there.outlet.post(where, page, controls, place);
  }

  edit(message: MessageRef, page: string, controls: Controls): Promise<void> {
    return this.#there.outlet.edit(message, page, controls);
  }

  remember(messages: readonly MessageRef[]): void {
    this.#there.outlet.remember(messages);
  }

  typing(where: ReplyTarget): Promise<void> {
    return this.#there.outlet.typing(where);
  }

  subdue(line: string): string {
    return this.#there.outlet.subdue(line);
  }

  /** Where the bot was spoken to before this process, and when last. */
  #heard(channel: string, ts: string): void {
    this.#catchUp?.heard(channel, ts);
    const at = Number(ts) * 1000;
    if (at - (this.#noted.get(channel) ?? 0) < NOTED_EVERY_MS) return;
    this.#noted.set(channel, at);
    this.#options.places?.note(channel, at);
  }

  #lookBack(catchUp: CatchUp, threads: Threads): void {
    for (const { channel, at } of (this.#options.places?.earlier ?? []).toReversed()) {
      catchUp.heard(channel, (at / 1000).toFixed(6));
    }
    for (const id of (this.#options.earlierTurns ?? []).toReversed()) {
      const [, channel = '', thread, ts = ''] = /^slack:(\w+)(?:\/([\d.]+))?\/(\d+\.\d{6})$/u.exec(id) ?? [];
      if (ts === '') continue;
      catchUp.heard(channel, ts);
      if (thread !== undefined) threads.join(channel, thread);
    }
    catchUp.disconnected();
  }

  get #there(): Connected {
    if (!this.#connected) throw new Error('The Slack adapter is used before it has started.');
    return this.#connected;
  }
}
