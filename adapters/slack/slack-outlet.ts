import { OutletError } from '../../bot/delivery/outlet-error.ts';
import type { Controls, Outlet, OutletLimits, PostPlace } from '../../bot/ports.ts';
import type { MessageRef, ReplyTarget } from '../../bot/request.ts';
import { Recent } from '../recent.ts';
import type { AgentView } from './agent-view.ts';
import { type MessageContent, messageContent } from './message-blocks.ts';
import { subduedLine } from './mrkdwn.ts';
import type { NativeStreams } from './native-streams.ts';
import type { PostedMessages } from './posted-messages.ts';
import { type ResponseOptions, respond } from './response-url.ts';
import { refusalOf } from './slack-failure.ts';
import { addressOf, type Way, wayOf } from './way.ts';

/** What fits into one section of a message, so that each edit stays small. */
const MESSAGE_LENGTH = 3_000;
/** A stream is sent in pieces, and may be longer: below the 12,000 characters at which it dies, with room for escapes. */
const STREAM_LENGTH = 10_000;
/** One message has to hold the whole answer; Slack takes 50 sections. */
const RESPONSE_LENGTH = 12_000;
/** A placeholder, two updates and the final text; the fifth use is kept for one that went wrong. */
const RESPONSE_CALLS = 4;

/** One post a second in each channel; Slack says that it tolerates short bursts. */
const POSTS = { calls: 3, perMs: 3_000 };

/** Refusals whose way is remembered: more than are ever being told at once. */
const DETOURS = 1_000;

const MINUTE_MS = 60_000;

export interface SlackOutletOptions {
  readonly posted: PostedMessages;
  readonly streams: NativeStreams;
  readonly agentView: AgentView;
  readonly team: string;
  /** The bot has written in this thread. */
  readonly onPosted: (channel: string, thread: string) => void;
  /** Told of every answer 429 of a response URL; of others the clients tell. */
  readonly onRateLimited?: () => void;
}

/** Shows replies in Slack, each by its way. */
export class SlackOutlet implements Outlet {
  readonly #options: SlackOutletOptions;
  /** Turns whose replies take another way than was asked for. */
  readonly #detours = new Recent<string, Way>(DETOURS);

  constructor(options: SlackOutletOptions) {
    this.#options = options;
  }

  /** All that is said about this turn takes this way, also when it is said again: for its asker's eyes only. */
  divert(turn: string, way: Way): void {
    this.#detours.set(turn, way);
  }

  /** Budgets as documented: besides posts, 50 updates (Tier 3) and 100 appends (Tier 4) a minute in the workspace. */
  limits(where: ReplyTarget): OutletLimits {
    const { team, streams } = this.#options;
    const way = wayOf(where);
    const measure = 'entities';
    if (way.by === 'response') {
      return { messageLength: RESPONSE_LENGTH, measure, mostCalls: way.once ? 1 : RESPONSE_CALLS };
    }
    if (way.by === 'whisper') return { messageLength: RESPONSE_LENGTH, measure };
    const posts = { key: `slack/post/${way.channel}`, ...POSTS };
    if (way.by === 'stream' && streams.available) {
      const edits = { key: `slack/append/${team}`, calls: 100, perMs: MINUTE_MS };
      return { messageLength: STREAM_LENGTH, measure, growth: 'append', posts, edits };
    }
    const edits = { key: `slack/update/${team}`, calls: 50, perMs: MINUTE_MS };
    return { messageLength: MESSAGE_LENGTH, measure, posts, edits };
  }

  async post(where: ReplyTarget, page: string, controls: Controls, place: PostPlace): Promise<MessageRef> {
    const way = await this.#wayOf(where, place.turn);
    const ref = (id: string, by: Way): MessageRef => ({
      conversation: where.conversation,
      id,
      address: addressOf(by),
    });
    const { posted } = this.#options;
    if (place.since !== undefined) posted.doubt(place, place.since);
    switch (way.by) {
      case 'response':
        await this.#respond(way.url, messageContent(page, controls), { ...way, replace: false });
        return ref(`${place.turn}#${place.index}`, way);
      case 'whisper':
        return ref(await posted.whisper(way, way.user, messageContent(page, { state: 'none' })), way);
      case 'message':
        return ref(await this.#post(way, page, controls, place), way);
      case 'stream':
        return ref(await this.#stream(way, page, controls, place), way);
    }
  }

  async edit(message: MessageRef, page: string, controls: Controls): Promise<void> {
    const way = wayOf(message);
    switch (way.by) {
      case 'response':
        // Such an answer was whole when it was posted; an earlier process has done that where this one is told to edit.
        if (way.once) return;
        return this.#respond(way.url, messageContent(page, controls), { ...way, replace: true });
      case 'whisper':
        return;
      default:
        return this.#edit(way, message.id, page, controls);
    }
  }

  remember(messages: readonly MessageRef[]): void {
    const { streams, agentView } = this.#options;
    for (const message of messages) {
      const way = wayOf(message);
      if (way.by !== 'message' && way.by !== 'stream') continue;
      streams.remember(way.channel, message.id);
      if (way.thread !== undefined) agentView.doubt(way.channel, way.thread);
    }
  }

  subdue(line: string): string {
    return subduedLine(line);
  }

  async typing(where: ReplyTarget): Promise<void> {
    const way = wayOf(where);
    if (way.by === 'response' || way.thread === undefined) return;
    await this.#options.agentView.thinking(way.channel, way.thread);
  }

  async #respond(url: string, content: MessageContent, options: ResponseOptions): Promise<void> {
    try {
      await respond(url, content, options);
    } catch (error) {
      const limited = error instanceof OutletError && error.code === 'OUTLET_RATE_LIMITED';
      if (limited) this.#options.onRateLimited?.();
      throw error;
    }
  }

  async #wayOf(where: ReplyTarget, turn: string): Promise<Way> {
    const asked = wayOf(where);
    const detour = this.#detours.get(turn);
    if (!detour) return asked;
    if (asked.by !== 'response' && asked.thread !== undefined) {
      await this.#options.agentView.quiet(asked.channel, asked.thread);
    }
    return detour;
  }

  async #stream(
    way: Extract<Way, { by: 'stream' }>,
    page: string,
    controls: Controls,
    place: PostPlace,
  ): Promise<string> {
    const { streams, agentView } = this.#options;
    if (place.since !== undefined) streams.doubt(place.turn, place.since);
    const found = await streams.find(way, place.turn);
    if (found !== undefined) {
      await this.#edit(way, found, page, controls);
      streams.settled(place.turn);
      return found;
    }
    // What is complete already needs no stream.
    const growing = controls.state === 'running' && (await agentView.hasStopButton(way.channel, way.thread));
    const started = growing ? await streams.start(way, page, place.turn) : undefined;
    if (started === undefined) return this.#post(way, page, controls, place);
    agentView.answered(way.channel, way.thread);
    return started;
  }

  async #edit(
    way: Extract<Way, { by: 'message' | 'stream' }>,
    ts: string,
    page: string,
    controls: Controls,
  ): Promise<void> {
    const { streams } = this.#options;
    const streamed = await streams.edit(way.channel, ts, page, controls);
    if (!streamed) await this.#update(way.channel, ts, messageContent(page, controls));
    await this.#settle(way, controls, streamed);
  }

  async #update(channel: string, ts: string, content: MessageContent): Promise<void> {
    const { posted, streams } = this.#options;
    try {
      await posted.update(channel, ts, content);
    } catch (error) {
      const stillStreams =
        error instanceof OutletError && refusalOf(error.cause).code === 'streaming_state_conflict';
      if (!stillStreams) throw error;
      // An earlier process began the stream, and nobody here knows what it holds.
      await streams.end(channel, ts);
      await posted.update(channel, ts, content);
    }
  }

  async #post(
    way: Extract<Way, { by: 'message' | 'stream' }>,
    page: string,
    controls: Controls,
    place: PostPlace,
  ): Promise<string> {
    const { posted, agentView } = this.#options;
    const { ts, isNew } = await posted.post(way, messageContent(page, controls), place);
    if (isNew && way.thread !== undefined) agentView.answered(way.channel, way.thread);
    await this.#settle(way, controls, false);
    return ts;
  }

  /** A reply's last message ends the session; `none` stands on pages that others follow, too. */
  async #settle(
    { channel, thread }: { readonly channel: string; readonly thread?: string },
    controls: Controls,
    told: boolean,
  ): Promise<void> {
    if (thread === undefined) return;
    this.#options.onPosted(channel, thread);
    if (controls.state !== 'running') await this.#options.agentView.done(channel, thread, told);
  }
}
