import type { Readable } from 'node:stream';
import { inputLines } from './input-lines.ts';
import type { ReplyWriter } from './reply-writer.ts';
import type { Session } from './session.ts';
import type { Sink } from './sink.ts';

export interface PipedSessionOptions {
  readonly session: Session;
  readonly input: Readable;
  readonly writer: ReplyWriter;
  readonly output: Sink;
}

/** Standard input as a list of requests: one a line, answered one after the other, until it ends. */
export class PipedSession {
  readonly #options: PipedSessionOptions;
  #stopped = false;
  #trouble: string | undefined;
  #stopReply: () => void = () => undefined;

  constructor(options: PipedSessionOptions) {
    this.#options = options;
    options.output.gone.then(() => this.stop());
  }

  /** Why not all of the input was read, once `run` has resolved. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves when the last line is answered, or nobody reads the answers any more. */
  async run(): Promise<void> {
    const { session, input, writer } = this.#options;
    try {
      for await (const line of inputLines(input)) {
        if (this.#stopped) return;
        if ('problem' in line) {
          await writer.write(line.number, { type: 'failed', text: '', ...line.problem });
          continue;
        }
        const submitted = await session.submit(line.text);
        if (submitted.kind === 'leave') return;
        this.#stopReply = submitted.stop;
        if (this.#stopped) submitted.stop();
        for await (const event of submitted.events) await writer.write(line.number, event);
        if (this.#stopped) return;
      }
    } catch (error) {
      // Reading from an input that was closed under us is how stopping ends the wait for the next line.
      if (this.#stopped) return;
      if (!input.errored) throw error;
      this.#trouble = `Standard input could not be read: ${input.errored.message}.`;
    } finally {
      await this.#options.output.flush();
    }
  }

  /** Ends the reply that runs, with what there is of it, and reads no further line. */
  stop(): void {
    this.#stopped = true;
    this.#stopReply();
    this.#options.input.destroy();
  }
}
