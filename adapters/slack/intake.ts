import type {
  BlockAction,
  MessageShortcut,
  SlashCommand,
  types,
  ViewSubmitAction,
  webApi,
} from '@slack/bolt';
import type { ChatRequest } from '../../bot/request.ts';
import type { Logger } from '../../config/logger.ts';
import type { OnPress, OnRequest } from '../adapter.ts';
import { Recent } from '../recent.ts';
import type { AgentView } from './agent-view.ts';
import type { CommandReader } from './commands.ts';
import { isSaid } from './history.ts';
import type { Happenings } from './listeners.ts';
import { messageContent } from './message-blocks.ts';
import type { Heard, MessageReader } from './messages.ts';
import type { People } from './people.ts';
import { readPress } from './presses.ts';
import { respond } from './response-url.ts';
import { SHORTCUTS, type ShortcutReader } from './shortcuts.ts';
import { addressOf, conversation, isDirect, momentOf, type Way } from './way.ts';

export interface IntakeOptions {
  readonly writer: webApi.WebClient;
  readonly people: People;
  readonly team: string;
  readonly messages: MessageReader;
  readonly commands: CommandReader;
  readonly shortcuts: ShortcutReader;
  readonly agentView: AgentView;
  readonly onRequest: OnRequest;
  readonly onPress: OnPress | undefined;
  /** What is said about this turn takes this way. */
  readonly divert: (turn: string, way: Way) => void;
  /** Which turn's answer is in a stream. */
  readonly streamedTurn: (channel: string, ts: string) => string | undefined;
  readonly onHeard: (channel: string, ts: string) => void;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Messages that are known to have been heard: each comes as a message and as a mention, and may come again. */
const HEARD = 1_000;

/** Conversations whose last turns are remembered, and how many: more cannot wait in one. */
const CONVERSATIONS = 500;
const TURNS = 10;

/** Makes requests of what happens, and hands them to the bot. */
export class Intake implements Happenings {
  readonly #options: IntakeOptions;
  /** Within a channel one message is read after the other, so that none overtakes. */
  readonly #lines = new Map<string, Promise<void>>();
  readonly #heard = new Recent<string, true>(HEARD);
  /** For Slack's own stop button, which names a thread and no turn. */
  readonly #turns = new Recent<string, readonly string[]>(CONVERSATIONS);

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  message(message: Heard): void {
    void this.hear(message);
  }

  /** Settles when the message is with the bot, or known to be none of its. Never rejects. */
  hear(message: Heard): Promise<void> {
    const { channel, ts } = message;
    this.#options.onHeard(channel, ts);
    if (!isSaid(message) || this.#heardBefore(`${channel}/${ts}`)) return Promise.resolve();
    const before = this.#lines.get(channel) ?? Promise.resolve();
    const line = before.then(() =>
      this.#safely('a message', async () => {
        const request = await this.#options.messages.read(message);
        if (request) this.#hand(request, whisperTo(message, request.author.id));
      }),
    );
    this.#lines.set(channel, line);
    void line.then(() => {
      if (this.#lines.get(channel) === line) this.#lines.delete(channel);
    });
    return line;
  }

  command(command: SlashCommand): boolean {
    const { commands } = this.#options;
    void this.#safely('a command', async () =>
      this.#hand(await commands.read(command), privately(command.response_url)),
    );
    return commands.isPrivate(command);
  }

  shortcut(shortcut: MessageShortcut): void {
    const { shortcuts, writer } = this.#options;
    const chosen = SHORTCUTS.find(({ id }) => id === shortcut.callback_id);
    const quietly = privately(shortcut.response_url);
    void this.#safely('a shortcut', async () => {
      if (chosen?.command === 'summarize') this.#hand(await shortcuts.thread(shortcut), quietly);
      else if (chosen) {
        const view = shortcuts.questionForm(shortcut);
        await writer.views.open({ trigger_id: shortcut.trigger_id, view });
      }
    });
  }

  form(form: ViewSubmitAction): void {
    const { shortcuts, clock } = this.#options;
    void this.#safely('a form', async () => this.#hand(await shortcuts.question(form, clock())));
  }

  press(body: BlockAction): void {
    const { people, onPress, team } = this.#options;
    void this.#safely('a button', async () => {
      const press = await readPress(body, people, team);
      if (!press || !onPress) return;
      const { note } = await onPress(press);
      if (note === undefined) return;
      const content = messageContent(note, { state: 'none' });
      await respond(body.response_url, content, { privately: true, replace: false });
    });
  }

  opened({ tab, channel }: types.AppHomeOpenedEvent): void {
    if (tab === 'messages') void this.#options.agentView.suggest(channel);
  }

  stopped(event: types.AgentSessionStoppedEvent): void {
    const { channel, thread_ts, user, event_ts, streaming_message_ts = [] } = event;
    const { people, onPress, team, streamedTurn } = this.#options;
    void this.#safely("Slack's stop button", async () => {
      const { id, name, admin } = await people.person(user);
      const where = conversation(channel, thread_ts);
      const address = addressOf({ by: 'stream', channel, thread: thread_ts ?? '', user });
      const streaming = streaming_message_ts.flatMap((ts) => streamedTurn(channel, ts) ?? []);
      // Before the first words there is no stream yet.
      for (const turn of streaming.length > 0 ? streaming : (this.#turns.get(where.id) ?? [])) {
        await onPress?.({
          id: `${event_ts}/${turn}`,
          action: 'stop',
          turn,
          by: { id, name },
          moderator: admin,
          where: { conversation: where, address },
          origin: { direct: true, workspace: team, channels: [channel], roles: [] },
          at: momentOf(event_ts),
        });
      }
    });
  }

  #heardBefore(message: string): boolean {
    const before = this.#heard.get(message) === true;
    this.#heard.set(message, true);
    return before;
  }

  /** @param quietly how a refusal reaches only the person who asked, where there is a way. */
  #hand(request: ChatRequest, quietly?: Way): void {
    const turn = this.#options.onRequest(request);
    if (!turn) return;
    if (turn.refused && quietly) this.#options.divert(turn.id, quietly);
    const { id } = request.conversation;
    if (!isDirect(id)) return;
    this.#turns.set(id, [...(this.#turns.get(id) ?? []), turn.id].slice(-TURNS));
  }

  async #safely(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.logger.error({ err: error }, `${what} from Slack could not be taken`);
    }
  }
}

/** In direct messages nobody else is there to see it. */
function whisperTo({ channel, thread_ts }: Heard, user: string): Way | undefined {
  if (isDirect(channel)) return undefined;
  return { by: 'whisper', channel, user, ...(thread_ts !== undefined && { thread: thread_ts }) };
}

function privately(url: string): Way {
  return { by: 'response', url, privately: true, once: true };
}
