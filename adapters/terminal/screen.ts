import type { Writable } from 'node:stream';
import type { Colors } from 'picocolors/types.js';
import type { TurnEvent } from '../../bot/turn-event.ts';
import { printable } from './printable.ts';

/** Back to the first column, and clear the line (ECMA-48, `EL`). */
const CLEAR_LINE = '\r\x1b[K';

/** A passing line must not wrap, or it could not be cleared; terminals that do not tell their width have this one. */
const USUAL_WIDTH = 80;

export interface ScreenOptions {
  readonly output: Writable & { readonly columns?: number };
  readonly colors: Colors;
}

/** What a person sees of replies: text that grows, remarks, and passing lines that vanish when there is more to see. */
export class Screen {
  readonly #output: ScreenOptions['output'];
  readonly #colors: Colors;
  #passing = false;
  /** The cursor stands in the first column. */
  #atStart = true;

  constructor({ output, colors }: ScreenOptions) {
    this.#output = output;
    this.#colors = colors;
  }

  /** The line editor has written a line and its end. */
  lineEntered(): void {
    this.#atStart = true;
    this.#passing = false;
  }

  /** From here on the line editor writes. */
  promptShown(): void {
    this.#atStart = false;
  }

  /** The last line ends, so that whoever writes next begins in a line of its own. */
  leave(): void {
    this.#startLine();
  }

  show(event: TurnEvent): void {
    switch (event.type) {
      case 'waiting':
        this.#pass(
          event.for === 'model' ? 'The model is being loaded …' : 'An earlier message is answered first …',
        );
        return;
      case 'queued':
        this.#pass(queueLine(event.place, event.estimatedWaitMs));
        return;
      case 'delta':
        this.#write(printable(event.text));
        return;
      case 'notice':
        this.remark(event.text);
        return;
      case 'failed':
        this.#line(this.#colors.yellow(printable(event.message)));
        this.#gap();
        return;
      case 'final':
        this.#gap();
    }
  }

  /** Something is on its way: said before anything else is known. */
  begin(): void {
    this.#pass('…');
  }

  /** One line beside the answer. */
  remark(text: string): void {
    this.#line(this.#colors.dim(printable(text)));
  }

  #pass(text: string): void {
    // Once an answer grows, nothing passing can stand in its line.
    if (!this.#atStart && !this.#passing) return;
    const width = (this.#output.columns ?? USUAL_WIDTH) - 1;
    this.#output.write(`${CLEAR_LINE}${this.#colors.dim(text.slice(0, width))}`);
    this.#passing = true;
  }

  #line(text: string): void {
    this.#startLine();
    this.#output.write(`${text}\n`);
  }

  #gap(): void {
    this.#startLine();
    this.#output.write('\n');
  }

  #startLine(): void {
    this.#clearPassing();
    if (!this.#atStart) this.#output.write('\n');
    this.#atStart = true;
  }

  #write(text: string): void {
    if (text === '') return;
    this.#clearPassing();
    this.#output.write(text);
    this.#atStart = text.endsWith('\n');
  }

  #clearPassing(): void {
    if (this.#passing) this.#output.write(CLEAR_LINE);
    this.#passing = false;
  }
}

function queueLine(place: number, waitMs: number): string {
  const seconds = Math.max(1, Math.round(waitMs / 1000));
  return place > 0 ? `Number ${place} in the queue, about ${seconds} s …` : '…';
}
