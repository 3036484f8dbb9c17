import type { Colors } from 'picocolors/types.js';
import type { TurnEvent } from '../../bot/turn-event.ts';
import { PassingLine } from './passing-line.ts';
import { passingText } from './passing-text.ts';
import { printable } from './printable.ts';
import { type TerminalOutput, USUAL_WIDTH } from './terminal-output.ts';
import { WordWrap } from './word-wrap.ts';

export interface ScreenOptions {
  readonly output: TerminalOutput;
  readonly colors: Colors;
  /** Nothing can be written over, so that nothing vanishes and only what is worth a line is shown. */
  readonly onlyPrints?: boolean;
}

/** What a person sees of replies: text that grows, remarks, and passing lines that vanish when there is more to see. */
export class Screen {
  readonly #output: TerminalOutput;
  readonly #colors: Colors;
  readonly #passing: PassingLine;
  readonly #onlyPrints: boolean;
  readonly #wrap: WordWrap | undefined;
  /** The cursor stands in the first column. */
  #atStart = true;

  constructor({ output, colors, onlyPrints = false }: ScreenOptions) {
    this.#output = output;
    this.#colors = colors;
    this.#onlyPrints = onlyPrints;
    this.#passing = new PassingLine({ output, colors });
    this.#wrap = onlyPrints ? undefined : this.#newWrap();
  }

  /** The line editor has written a line and its end. */
  lineEntered(): void {
    this.#atStart = true;
    this.#passing.forget();
  }

  /** From here on the line editor writes. */
  promptShown(): void {
    this.#atStart = false;
  }

  /** The terminal has another width. */
  resized(): void {
    this.#wrap?.lose();
  }

  /** The last line ends, so that whoever writes next begins in a line of its own. */
  leave(): void {
    this.#startLine();
  }

  show(event: TurnEvent): void {
    switch (event.type) {
      case 'waiting':
      case 'queued':
      case 'progress': {
        const text = printable(passingText(event));
        if (!this.#onlyPrints) this.#pass(text);
        else if (event.type !== 'queued') this.remark(text);
        return;
      }
      case 'delta':
        this.#write(printable(event.text));
        return;
      case 'notice':
        this.remark(event.text);
        return;
      case 'failed':
        this.#line(event.message, this.#colors.yellow);
        this.#gap();
        return;
      case 'final':
        this.#gap();
    }
  }

  /** Something is on its way: said before anything else is known. */
  begin(): void {
    if (!this.#onlyPrints) this.#pass('…');
  }

  /** One line beside the answer. */
  remark(text: string): void {
    this.#line(text, this.#colors.dim);
  }

  #pass(text: string): void {
    // Once an answer grows, nothing passing can stand in its line.
    if (this.#atStart || this.#passing.shown) this.#passing.show(text);
  }

  #line(text: string, color: (text: string) => string): void {
    this.#startLine();
    const line = printable(text);
    this.#output.write(`${color(this.#wrap ? this.#newWrap().add(line) : line)}\n`);
  }

  #gap(): void {
    this.#startLine();
    this.#output.write('\n');
  }

  #startLine(): void {
    // What vanishes leaves the cursor where it was.
    this.#passing.clear();
    if (!this.#atStart) this.#output.write('\n');
    this.#atStart = true;
    this.#wrap?.startLine();
  }

  #write(text: string): void {
    if (text === '') return;
    this.#passing.clear();
    if (this.#atStart) this.#wrap?.startLine();
    this.#output.write(this.#wrap?.add(text) ?? text);
    this.#atStart = text.endsWith('\n');
  }

  #newWrap(): WordWrap {
    return new WordWrap(() => this.#output.columns ?? USUAL_WIDTH);
  }
}
