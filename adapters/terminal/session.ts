import { type Control, findCommand } from '../../bot/commands.ts';
import type { ChatRequest, ConversationRef, HistoryMessage } from '../../bot/request.ts';
import type { TurnEvent } from '../../bot/turn-event.ts';
import type { OnRequest } from '../adapter.ts';
import { type Folders, look, resolvePath } from './local-file.ts';
import { findPath } from './path-argument.ts';
import { PARLEY, PERSON, type Transcript } from './transcript.ts';
import { parseLine } from './typed-line.ts';

export interface SessionOptions {
  readonly onRequest: OnRequest;
  readonly conversation: ConversationRef;
  readonly transcript: Transcript;
  readonly folders: Folders;
  readonly windows: boolean;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** What became of a line. */
export type Submitted =
  | { readonly kind: 'reply'; readonly events: AsyncIterable<TurnEvent>; readonly stop: () => void }
  /** The person wants to leave. */
  | { readonly kind: 'leave' };

interface Asked {
  readonly request: ChatRequest;
  /** What the person sees of it. */
  readonly shown: string;
}

/** Makes requests of lines, whoever typed them, and remembers what was said. */
export class Session {
  readonly #options: SessionOptions;
  #lines = 0;
  #lastMoment = Number.NEGATIVE_INFINITY;
  /** The last request, while the model has said nothing to it. */
  #unanswered: Asked | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /**
   * @param line what is meant.
   * @param shown what the person sees of it where it is shorter: a pasted text under its label.
   */
  async submit(line: string, shown: string = line): Promise<Submitted> {
    const { command, text } = parseLine(line);
    const known = command === undefined ? undefined : findCommand(command, 'terminal');
    if (known?.means.kind === 'leave') return { kind: 'leave' };

    this.#lines += 1;
    const request: ChatRequest = {
      id: `line-${this.#lines}`,
      trigger: command === undefined ? 'line' : 'command',
      ...(command !== undefined && { command }),
      options: {},
      ...(await this.#textAndFile(text, known?.name)),
      author: PERSON,
      conversation: this.#options.conversation,
      at: this.#moment(),
    };
    const turn = this.#options.onRequest(request);
    if (!turn) return { kind: 'reply', events: nothing(), stop: () => undefined };
    return { kind: 'reply', events: this.#remembered(turn.events, request, shown), stop: () => turn.stop() };
  }

  async #textAndFile(
    text: string,
    command: string | undefined,
  ): Promise<Pick<ChatRequest, 'text' | 'attachments'>> {
    const takesFile =
      command !== undefined &&
      findCommand(command, 'terminal')?.options.some((option) => option.type === 'file') === true;
    const found = takesFile
      ? await findPath(text, {
          look: (path) => look(resolvePath(path, this.#options.folders)),
          // One word is nothing to sum up, but may well be a question.
          loneWord: command === 'summarize' ? 'path' : 'text',
          windows: this.#options.windows,
        })
      : undefined;
    if (!found) return { text, attachments: [] };
    const location = resolvePath(found.path, this.#options.folders);
    return { text: found.rest, attachments: [{ name: found.path, location }] };
  }

  /** The model's answers become memory; what the bot says of itself does not. */
  async *#remembered(
    events: AsyncIterable<TurnEvent>,
    request: ChatRequest,
    shown: string,
  ): AsyncGenerator<TurnEvent> {
    for await (const event of events) {
      if (event.type === 'final' && event.result) this.#note({ request, shown }, event.text);
      yield event;
    }
  }

  /** `/again` takes an answer's place, and `/more` goes on with it: neither is a question of its own. */
  #note(asked: Asked, answer: string): void {
    const { transcript } = this.#options;
    const control = controlOf(asked.request);
    if (control === undefined) this.#unanswered = asked;
    if (answer === '') return;
    if (control === 'again' && !this.#unanswered && transcript.reword(answer)) return;
    if (this.#unanswered) transcript.add(question(this.#unanswered));
    this.#unanswered = undefined;
    const id = `${asked.request.id}-reply`;
    transcript.add({ id, author: PARLEY, text: answer, own: true, at: this.#moment() });
  }

  /** No two at the same moment: what is older than a `/reset` is told by the time. */
  #moment(): number {
    this.#lastMoment = Math.max(this.#options.clock(), this.#lastMoment + 1);
    return this.#lastMoment;
  }
}

async function* nothing(): AsyncGenerator<TurnEvent> {}

function controlOf({ command }: ChatRequest): Control | undefined {
  const means = command === undefined ? undefined : findCommand(command, 'terminal')?.means;
  return means?.kind === 'control' ? means.control : undefined;
}

function question({ request, shown }: Asked): HistoryMessage {
  const { id, text, attachments, at } = request;
  const asked = attachments.length > 0 || text === '' ? shown : text;
  return { id, author: PERSON, text: asked.replace(/^\s*\//u, ''), own: false, at };
}
