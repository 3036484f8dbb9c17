import type { Colors } from 'picocolors/types.js';
import { columnsOf, fitColumns } from './columns.ts';
import { type TerminalOutput, USUAL_WIDTH } from './terminal-output.ts';

/** Back to the first column, and clear from there to the end of the screen (ECMA-48, `ED`). */
const CLEAR_BELOW = '\r\x1b[J';

export interface PassingLineOptions {
  readonly output: TerminalOutput;
  readonly colors: Colors;
}

/** A line that vanishes when there is more to see. It never wraps, or it could not be cleared. */
export class PassingLine {
  readonly #output: TerminalOutput;
  readonly #colors: Colors;
  /** Columns that it takes; undefined while there is none. */
  #taken: number | undefined;

  constructor({ output, colors }: PassingLineOptions) {
    this.#output = output;
    this.#colors = colors;
  }

  get shown(): boolean {
    return this.#taken !== undefined;
  }

  show(text: string): void {
    this.clear();
    // A line that fills the last column would wrap on some terminals.
    const line = fitColumns(text, this.#width - 1);
    this.#output.write(this.#colors.dim(line));
    this.#taken = columnsOf(line);
  }

  clear(): void {
    if (this.#taken === undefined) return;
    // A terminal that was made narrower meanwhile has wrapped the line.
    const above = Math.max(0, Math.ceil(this.#taken / this.#width) - 1);
    this.#output.write(`${above > 0 ? `\x1b[${above}A` : ''}${CLEAR_BELOW}`);
    this.#taken = undefined;
  }

  /** It was left behind on the screen. */
  forget(): void {
    this.#taken = undefined;
  }

  get #width(): number {
    return Math.max(1, this.#output.columns ?? USUAL_WIDTH);
  }
}
