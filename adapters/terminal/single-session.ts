import type { Readable } from 'node:stream';
import { AttachmentError } from '../../bot/attachment-error.ts';
import type { AttachmentRef, ChatRequest, ConversationRef } from '../../bot/request.ts';
import { decodeTextFile } from '../../bot/text-file.ts';
import type { TurnEvent } from '../../bot/turn-event.ts';
import type { OnRequest } from '../adapter.ts';
import { type Folders, resolvePath } from './local-file.ts';
import type { ReplyWriter } from './reply-writer.ts';
import type { Sink } from './sink.ts';
import { readStandardInput, STANDARD_INPUT } from './standard-input.ts';
import type { SingleTask } from './task-arguments.ts';
import { PERSON } from './transcript.ts';

export interface SingleSessionOptions {
  readonly task: SingleTask;
  readonly input: Readable;
  readonly output: Sink;
  readonly writer: ReplyWriter;
  readonly onRequest: OnRequest;
  readonly conversation: ConversationRef;
  readonly folders: Folders;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** One request and its reply, and that was all. */
export class SingleSession {
  readonly #options: SingleSessionOptions;
  #stopped = false;
  #stopReply: () => void = () => undefined;
  #input: Uint8Array | undefined;
  #unanswered: string | undefined;

  constructor(options: SingleSessionOptions) {
    this.#options = options;
    options.output.gone.then(() => this.stop());
  }

  /** Why there is no answer, once `run` has resolved. */
  get unanswered(): string | undefined {
    return this.#unanswered;
  }

  /** What came through standard input. */
  get input(): Uint8Array {
    return this.#input ?? new Uint8Array();
  }

  /** Resolves when the reply is complete, or nobody reads it any more. */
  async run(): Promise<void> {
    const { output, writer } = this.#options;
    try {
      const request = await this.#request();
      if (this.#stopped) return;
      const turn = this.#options.onRequest(request);
      this.#stopReply = () => turn?.stop();
      for await (const event of turn?.events ?? []) {
        this.#note(event);
        await writer.write(1, event);
      }
    } catch (error) {
      if (!(error instanceof AttachmentError)) throw error;
      const { code, message } = error;
      this.#unanswered = message;
      await writer.write(1, { type: 'failed', text: '', code, message });
    } finally {
      await output.flush();
    }
  }

  /** Ends the reply with what there is of it. */
  stop(): void {
    this.#stopped = true;
    this.#stopReply();
    this.#options.input.destroy();
  }

  #note(event: TurnEvent): void {
    if (event.type === 'failed') this.#unanswered = event.message;
    // Where nothing was said, a notice says why.
    if (event.type === 'notice') this.#unanswered = event.text;
    if (event.type === 'final' && event.text !== '') this.#unanswered = undefined;
  }

  async #request(): Promise<ChatRequest> {
    const { task, conversation, clock } = this.#options;
    const { command, options } = task;
    return {
      id: 'task',
      trigger: command ? 'command' : 'line',
      ...(command && { command: command.name }),
      options,
      ...(await this.#textAndFile()),
      author: PERSON,
      conversation,
      at: clock(),
    };
  }

  async #textAndFile(): Promise<Pick<ChatRequest, 'text' | 'attachments'>> {
    const { task, folders, input } = this.#options;
    const { text, file } = task;
    if (file !== undefined) {
      return { text, attachments: [{ name: file, location: resolvePath(file, folders) }] };
    }
    if (task.input === 'none') return { text, attachments: [] };
    this.#input = await readStandardInput(input);
    const { name } = STANDARD_INPUT;
    if (task.input === 'words') return { text: decodeTextFile(this.#input, name), attachments: [] };
    // A question needs no text that it is about.
    const without = text !== '' && this.#input.length === 0;
    return { text, attachments: without ? [] : [STANDARD_INPUT satisfies AttachmentRef] };
  }
}
