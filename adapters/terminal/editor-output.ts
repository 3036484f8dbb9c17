import { Writable } from 'node:stream';
import type { TerminalOutput } from './terminal-output.ts';
import { USUAL_WIDTH } from './terminal-output.ts';

/**
 * The terminal as the line editor sees it. The editor draws its prompt anew as soon as it hears of another width, also into
 * the middle of a reply, and takes it that nothing on the screen has moved; so it does not hear of it, and is told by
 * whoever knows when to draw.
 */
export class EditorOutput extends Writable {
  readonly isTTY = true;
  readonly #terminal: TerminalOutput;
  columns: number;

  constructor(terminal: TerminalOutput) {
    super({ decodeStrings: false });
    this.#terminal = terminal;
    this.columns = terminal.columns ?? USUAL_WIDTH;
  }

  /** The terminal's width may be another one than the one that the editor goes by. */
  get newColumns(): number {
    return this.#terminal.columns ?? USUAL_WIDTH;
  }

  override _write(text: string, _: BufferEncoding, done: () => void): void {
    this.#terminal.write(text);
    done();
  }
}
