import type { Readable } from 'node:stream';
import picocolors from 'picocolors';
import type { OutletLimits } from '../../bot/ports.ts';
import type {
  AttachmentRef,
  ConversationRef,
  HistoryMessage,
  MessageRef,
  ReplyTarget,
} from '../../bot/request.ts';
import type { ChatAdapter, OnRequest } from '../adapter.ts';
import { CookedSession } from './cooked-session.ts';
import { InteractiveSession } from './interactive-session.ts';
import { JsonWriter } from './json-writer.ts';
import type { KeyboardStream } from './key-gate.ts';
import { type Folders, readLocalFile } from './local-file.ts';
import { PassingLine } from './passing-line.ts';
import { PipedSession } from './piped-session.ts';
import { PlainWriter } from './plain-writer.ts';
import { printable } from './printable.ts';
import type { ReplyWriter } from './reply-writer.ts';
import { Session } from './session.ts';
import { SingleSession } from './single-session.ts';
import { SingleWriter } from './single-writer.ts';
import { Sink } from './sink.ts';
import { STANDARD_INPUT } from './standard-input.ts';
import type { SingleTask } from './task-arguments.ts';
import type { TerminalOutput } from './terminal-output.ts';
import { PARLEY, Transcript } from './transcript.ts';

export interface TerminalOptions {
  readonly input: Readable & KeyboardStream;
  readonly output: TerminalOutput;
  readonly errors: TerminalOutput;
  /** One event a line on `output`, for programs. */
  readonly json: boolean;
  /** One task, and that is all; absent: a chat, or the lines of `input`. */
  readonly task?: SingleTask;
  readonly colors: boolean;
  /** The terminal can only print: nothing is written over, and it edits lines itself. */
  readonly dumb?: boolean;
  /** Where typed lines are kept for the next session; absent: nowhere. */
  readonly historyFile?: string;
  /** Said above the first prompt. */
  readonly greeting: string;
  readonly folders: Folders;
  readonly windows: boolean;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** The terminal as a platform: one conversation with whoever sits there, or with a pipe. */
export class TerminalAdapter implements ChatAdapter {
  readonly platform = 'terminal';
  readonly self = PARLEY;
  /** Settles when the person leaves or the input has ended, with everything answered and written. */
  readonly ended: Promise<void>;
  readonly #options: TerminalOptions;
  readonly #transcript = new Transcript();
  readonly #conversation: ConversationRef;
  #running: InteractiveSession | CookedSession | PipedSession | SingleSession | undefined;
  #replies: Sink | undefined;
  #settle: (ended: Promise<void>) => void = () => undefined;
  #lastPost = { id: '', text: '' };
  #posts = 0;

  constructor(options: TerminalOptions) {
    this.#options = options;
    // What was said in an earlier session is no part of this one.
    this.#conversation = { platform: 'terminal', id: `session-${options.clock()}` };
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** A person types and reads here; else the input is a list of requests. */
  get interactive(): boolean {
    const { input, output, json, task } = this.#options;
    return input.isTTY === true && output.isTTY === true && !json && !task;
  }

  /** Once it has ended: what was asked for and could not be had, in words for the person. */
  get trouble(): string | undefined {
    const failure = this.#replies?.failure;
    if (failure)
      return `The answer cannot be written: ${failure.message}. Free some space, or write it elsewhere.`;
    // Whoever was to read the answer has left, and misses nothing.
    if (this.#replies?.open === false) return undefined;
    if (this.#running instanceof SingleSession) return this.#running.unanswered;
    return this.#running instanceof PipedSession ? this.#running.trouble : undefined;
  }

  async start(onRequest: OnRequest): Promise<void> {
    const { folders, windows, clock, task } = this.#options;
    if (task) {
      this.#running = this.#single(task, onRequest);
      this.#settle(this.#running.run());
      return;
    }
    const session = new Session({
      onRequest,
      conversation: this.#conversation,
      transcript: this.#transcript,
      folders,
      windows,
      clock,
    });
    this.#running = this.interactive ? this.#withPerson(session) : this.#piped(session);
    this.#settle(this.#running.run());
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running.stop();
    await this.ended;
  }

  /** Ctrl-C that came as a signal: true when it has stopped a reply, and the session goes on. */
  interrupt(): boolean {
    return this.#running instanceof CookedSession && this.#running.interrupt();
  }

  async history(_: ConversationRef, limit: number): Promise<readonly HistoryMessage[]> {
    return this.#transcript.newest(limit);
  }

  async attachment({ location, name }: AttachmentRef): Promise<Uint8Array> {
    if (location === STANDARD_INPUT.location && this.#running instanceof SingleSession) {
      return this.#running.input;
    }
    return readLocalFile(location, name);
  }

  /** One line that answers nobody: above the prompt, or beside the replies. */
  say(text: string): void {
    if (this.#running instanceof InteractiveSession || this.#running instanceof CookedSession) {
      this.#running.say(text);
    } else this.#options.errors.write(`${text}\n`);
  }

  /** A line above the prompt that changes in place, made to fit into so many columns; undefined takes it away. */
  status(line: ((columns: number) => string) | undefined): void {
    if (this.#running instanceof InteractiveSession) this.#running.status(line);
  }

  /** A terminal has no messages that could be too long, and takes back nothing that it has written. */
  limits(): OutletLimits {
    return { messageLength: Number.MAX_SAFE_INTEGER, growth: 'append' };
  }

  async post({ conversation }: ReplyTarget, page: string): Promise<MessageRef> {
    this.#posts += 1;
    this.#lastPost = { id: `post-${this.#posts}`, text: page };
    this.say(page);
    return { conversation, id: this.#lastPost.id };
  }

  /** What is on the screen stays there: of the newest post only what it has gained is said, any other is said again. */
  async edit({ id }: MessageRef, page: string): Promise<void> {
    const { text } = this.#lastPost;
    const grows = id === this.#lastPost.id && page.startsWith(text);
    this.#lastPost = { id, text: page };
    const news = grows ? page.slice(text.length).trimStart() : page;
    if (news !== '') this.say(news);
  }

  /** A reply that runs is seen to run. */
  async typing(): Promise<void> {}

  #withPerson(session: Session): InteractiveSession | CookedSession {
    const { input: keyboard, output, greeting, dumb, folders, windows, historyFile } = this.#options;
    const colors = picocolors.createColors(this.#options.colors);
    if (dumb) return new CookedSession({ session, keyboard, output, colors, greeting });
    return new InteractiveSession({
      session,
      keyboard,
      output,
      colors,
      greeting,
      completion: { folders, windows },
      ...(historyFile !== undefined && { historyFile }),
    });
  }

  #piped(session: Session): PipedSession {
    const { input, errors } = this.#options;
    const output = this.#openReplies();
    const remarks = new Sink(errors);
    // Nobody else would tell them: without a prompt it looks as if nothing happened.
    if (input.isTTY && errors.isTTY) errors.write('Each line is answered on standard output. Ctrl-D ends.\n');
    return new PipedSession({ session, input, output, writer: this.#writer(output, remarks) });
  }

  #single(task: SingleTask, onRequest: OnRequest): SingleSession {
    const { input, folders, clock, json, errors, colors } = this.#options;
    const output = this.#openReplies();
    const passing = new PassingLine({ output: errors, colors: picocolors.createColors(colors) });
    const writer = json
      ? new JsonWriter(output)
      : new SingleWriter({
          answer: output,
          remarks: new Sink(errors),
          ...(errors.isTTY && { passing }),
          clean: this.#clean(),
        });
    const conversation = this.#conversation;
    return new SingleSession({ task, input, output, writer, onRequest, conversation, folders, clock });
  }

  #openReplies(): Sink {
    this.#replies = new Sink(this.#options.output);
    return this.#replies;
  }

  #writer(replies: Sink, remarks: Sink): ReplyWriter {
    return this.#options.json
      ? new JsonWriter(replies)
      : new PlainWriter({ replies, remarks, clean: this.#clean() });
  }

  #clean(): (text: string) => string {
    return this.#options.output.isTTY ? printable : (text) => text;
  }
}
