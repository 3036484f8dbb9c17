import type { TurnEvent } from '../../bot/turn-event.ts';
import type { PassingLine } from './passing-line.ts';
import { passingText } from './passing-text.ts';
import type { ReplyWriter } from './reply-writer.ts';
import type { Sink } from './sink.ts';

export interface SingleWriterOptions {
  /** Gets the answer and nothing else. */
  readonly answer: Sink;
  /** Gets what there is to say beside it. */
  readonly remarks: Sink;
  /** Shows how far it is; absent where nobody would see it. */
  readonly passing?: PassingLine;
  /** A terminal must be spared what a file keeps. */
  readonly clean: (text: string) => string;
}

/** The answer to one task; why there is none is left to whoever ends the program. */
export class SingleWriter implements ReplyWriter {
  readonly #options: SingleWriterOptions;
  readonly #remarks: string[] = [];
  #last = '';

  constructor(options: SingleWriterOptions) {
    this.#options = options;
  }

  async write(_: number, event: TurnEvent): Promise<void> {
    const { answer, passing, clean } = this.#options;
    switch (event.type) {
      case 'waiting':
      case 'queued':
      case 'progress':
        // What is remarked before long work is said before it.
        if (event.type === 'progress') await this.#remark();
        // Once an answer grows, nothing passing can stand in its line.
        if (this.#last === '') passing?.show(clean(passingText(event)));
        return;
      case 'notice':
        this.#remarks.push(event.text);
        return;
      case 'delta':
        passing?.clear();
        this.#last = clean(event.text).slice(-1) || this.#last;
        await answer.write(clean(event.text));
        return;
      case 'final':
      case 'failed':
        passing?.clear();
        if (this.#last !== '' && this.#last !== '\n') await answer.write('\n');
        // Without an answer the last remark is the reason.
        if (event.text === '' && event.type === 'final') this.#remarks.pop();
        // That nobody reads on is no news to them.
        if (!answer.open) return;
        await this.#remark();
    }
  }

  async #remark(): Promise<void> {
    const { passing, remarks, clean } = this.#options;
    for (const remark of this.#remarks.splice(0)) {
      passing?.clear();
      await remarks.write(`${clean(remark)}\n`);
    }
  }
}
