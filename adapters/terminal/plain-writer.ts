import type { TurnEvent } from '../../bot/turn-event.ts';
import type { ReplyWriter } from './reply-writer.ts';
import type { Sink } from './sink.ts';

export interface PlainWriterOptions {
  readonly replies: Sink;
  /** Remarks beside an answer. */
  readonly remarks: Sink;
  /** Applied to every reply: a terminal must be spared what a file keeps. */
  readonly clean: (text: string) => string;
}

/**
 * One reply for every request, in order, as it grows: the answer, or the sentence that says why there is none. So a
 * refusal is a reply too; only remarks beside an answer go elsewhere.
 */
export class PlainWriter implements ReplyWriter {
  readonly #options: PlainWriterOptions;
  #remarks: string[] = [];
  #last = '';

  constructor(options: PlainWriterOptions) {
    this.#options = options;
  }

  async write(turn: number, event: TurnEvent): Promise<void> {
    switch (event.type) {
      case 'delta':
        await this.#reply(event.text);
        return;
      case 'notice':
        this.#remarks.push(event.text);
        return;
      case 'progress':
        // What is remarked before long work is said before it.
        await this.#remark(turn);
        return;
      case 'final':
        // An answer that is empty is told by the remark that says so.
        if (event.text === '') await this.#reply(this.#remarks.splice(0).join(' '));
        await this.#end(turn);
        return;
      case 'failed':
        if (event.text !== '') await this.#endLine();
        await this.#reply(event.message);
        await this.#end(turn);
    }
  }

  async #reply(text: string): Promise<void> {
    const clean = this.#options.clean(text);
    if (clean === '') return;
    this.#last = clean.slice(-1);
    await this.#options.replies.write(clean);
  }

  async #endLine(): Promise<void> {
    if (this.#last !== '\n') await this.#options.replies.write('\n');
    this.#last = '';
  }

  async #end(turn: number): Promise<void> {
    await this.#endLine();
    await this.#remark(turn);
  }

  async #remark(turn: number): Promise<void> {
    for (const remark of this.#remarks.splice(0)) {
      // Nobody reads on: that the rest was stopped is no news to them.
      if (!this.#options.replies.open) return;
      await this.#options.remarks.write(`Line ${turn}: ${this.#options.clean(remark)}\n`);
    }
  }
}
