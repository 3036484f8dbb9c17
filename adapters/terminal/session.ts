import { findCommand } from '../../bot/commands.ts';
import type { ChatRequest, ConversationRef } from '../../bot/request.ts';
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

/** Makes requests of lines, whoever typed them, and remembers what was said. */
export class Session {
  readonly #options: SessionOptions;
  #lines = 0;
  #lastMoment = Number.NEGATIVE_INFINITY;

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
      if (event.type === 'final' && event.result && event.text !== '') {
        const { transcript } = this.#options;
        const question = request.attachments.length > 0 || request.text === '' ? shown : request.text;
        transcript.add({
          id: request.id,
          author: PERSON,
          text: question.replace(/^\s*\//u, ''),
          own: false,
          at: request.at,
        });
        transcript.add({
          id: `${request.id}-reply`,
          author: PARLEY,
          text: event.text,
          own: true,
          at: this.#moment(),
        });
      }
      yield event;
    }
  }

  /** No two at the same moment: what is older than a `/reset` is told by the time. */
  #moment(): number {
    this.#lastMoment = Math.max(this.#options.clock(), this.#lastMoment + 1);
    return this.#lastMoment;
  }
}

async function* nothing(): AsyncGenerator<TurnEvent> {}
