import type { Delivery } from '../delivery/delivery.ts';
import { agentSessionStoppedEvent } from '../payloads/agent-events.ts';
import type { ChannelRecord, MessageRecord } from './records.ts';
import type { World } from './world.ts';

export const SESSION_STATUSES = ['active', 'processing', 'suspended', 'closed'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** Slack forgets a `processing` session after an hour, and a thread's status line after two minutes. */
const PROCESSING_LIFETIME_MS = 3_600_000;
const STATUS_LINE_LIFETIME_MS = 120_000;

export interface AgentSession {
  status: SessionStatus;
  title: string | undefined;
  until: number;
}

export interface SuggestedPrompts {
  readonly title: string | undefined;
  readonly prompts: readonly { readonly title: string; readonly message: string }[];
}

/** What the agent view shows of the app's work, by conversation and thread. */
export class AgentSessions {
  readonly #world: World;
  readonly #sessions = new Map<string, AgentSession>();
  readonly #statusLines = new Map<string, { text: string; until: number }>();
  /** By channel id. */
  readonly suggestedPrompts = new Map<string, SuggestedPrompts>();
  /** By `channel:thread`. */
  readonly titles = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The session's status, `active` again when `processing` ran out; undefined before the first. */
  status(channel: ChannelRecord, threadTs: string): SessionStatus | undefined {
    const session = this.#sessions.get(key(channel, threadTs));
    const expired = session?.status === 'processing' && session.until < this.#world.clock.now();
    return expired ? 'active' : session?.status;
  }

  /** Where the app says that it is at work: sessions that are `processing`, and lines under the composer, by `channel:thread`. */
  get busy(): { readonly sessions: readonly string[]; readonly lines: readonly string[] } {
    const now = this.#world.clock.now();
    const sessions = [...this.#sessions].filter(
      ([, { status, until }]) => status === 'processing' && until >= now,
    );
    const lines = [...this.#statusLines].filter(([, { until }]) => until >= now);
    return { sessions: sessions.map(([thread]) => thread), lines: lines.map(([thread]) => thread) };
  }

  setStatus(channel: ChannelRecord, threadTs: string, status: SessionStatus, title?: string): AgentSession {
    const known = this.#sessions.get(key(channel, threadTs));
    const until = this.#world.clock.now() + PROCESSING_LIFETIME_MS;
    const session: AgentSession = known ?? { status, title, until };
    Object.assign(session, { status, until });
    this.#sessions.set(key(channel, threadTs), session);
    this.#world.changes.notify();
    return session;
  }

  /** The line under the composer ("is thinking …"), while it is shown. */
  statusLine(channel: ChannelRecord, threadTs: string): string | undefined {
    const line = this.#statusLines.get(key(channel, threadTs));
    return line === undefined || line.until < this.#world.clock.now() ? undefined : line.text;
  }

  setStatusLine(channel: ChannelRecord, threadTs: string, text: string): void {
    const until = this.#world.clock.now() + STATUS_LINE_LIFETIME_MS;
    if (text === '') this.#statusLines.delete(key(channel, threadTs));
    else this.#statusLines.set(key(channel, threadTs), { text, until });
    this.#world.changes.notify();
  }

  setTitle(channel: ChannelRecord, threadTs: string, title: string): void {
    this.titles.set(key(channel, threadTs), title);
    this.#world.changes.notify();
  }

  /** An answer of the app's takes the status line away. */
  answered(channel: ChannelRecord, threadTs: string): void {
    this.#statusLines.delete(key(channel, threadTs));
  }

  /**
   * A person presses Slack's stop button: running streams of the thread end, and the app is told. The session stays
   * `processing` until the app says otherwise.
   *
   * @throws Error when there is no stop button: no `processing` session, or no subscription to the event.
   */
  stop(user: string, channel: ChannelRecord, threadTs: string): Delivery {
    const { announcer, app, streams } = this.#world;
    if (this.status(channel, threadTs) !== 'processing' || !app.botEvents.has('agent_session_stopped')) {
      throw new Error(
        'Slack shows no stop button here: the session is not processing, or the app is not subscribed.',
      );
    }
    const running = channel.messages.filter((message) => isRunning(message, threadTs));
    for (const message of running) {
      streams.end(message, 'completed');
      if (message.stream !== undefined) message.stream.stopUnseen = true;
    }
    const stopped = running.map((message) => message.ts);
    const delivery = announcer.event(
      agentSessionStoppedEvent(this.#world, user, channel.id, threadTs, stopped),
    );
    announcer.start([delivery]);
    return delivery;
  }
}

function key(channel: ChannelRecord, threadTs: string): string {
  return `${channel.id}:${threadTs}`;
}

function isRunning(message: MessageRecord, threadTs: string): boolean {
  return message.threadTs === threadTs && message.stream?.state === 'in_progress';
}
