import type { Readable } from 'node:stream';
import type { Colors } from 'picocolors/types.js';
import { inputLines } from './input-lines.ts';
import { Screen } from './screen.ts';
import type { Session } from './session.ts';
import type { TerminalOutput } from './terminal-output.ts';

export interface CookedOptions {
  readonly session: Session;
  readonly keyboard: Readable;
  readonly output: TerminalOutput;
  readonly colors: Colors;
  /** Said once, above the first prompt. */
  readonly greeting: string;
}

const PROMPT = '> ';

/**
 * A person at a terminal that can only print (`TERM=dumb`, an editor's window): the terminal itself lets them edit a line
 * ("cooked" input), and nothing is ever written over.
 */
export class CookedSession {
  readonly #options: CookedOptions;
  readonly #screen: Screen;
  #stopReply: (() => void) | undefined;
  #stopped = false;

  constructor(options: CookedOptions) {
    const { output, colors } = options;
    this.#options = options;
    this.#screen = new Screen({ output, colors, onlyPrints: true });
  }

  /** Resolves when the person leaves. */
  async run(): Promise<void> {
    const { session, keyboard, output, greeting } = this.#options;
    output.on('error', () => this.stop());
    this.#screen.remark(greeting);
    output.write('\n');
    this.#prompt();
    try {
      for await (const line of inputLines(keyboard)) {
        if (this.#stopped) return;
        this.#screen.lineEntered();
        if ('problem' in line) this.#screen.show({ type: 'failed', text: '', ...line.problem });
        else {
          const submitted = await session.submit(line.text);
          if (submitted.kind === 'leave') return;
          this.#stopReply = submitted.stop;
          for await (const event of submitted.events) this.#screen.show(event);
          this.#stopReply = undefined;
        }
        if (this.#stopped) return;
        this.#prompt();
      }
    } catch (error) {
      // A terminal that was closed, by us or by others, is how its input ends.
      if (!keyboard.destroyed) throw error;
    } finally {
      this.#screen.leave();
    }
  }

  /** Ctrl-C: stops the reply that runs; false when there is none. */
  interrupt(): boolean {
    this.#stopReply?.();
    return this.#stopReply !== undefined;
  }

  /** A line that answers nobody. */
  say(text: string): void {
    if (this.#stopped) return;
    this.#screen.remark(text);
    if (!this.#stopReply) this.#prompt();
  }

  stop(): void {
    this.#stopped = true;
    this.#stopReply?.();
    this.#options.keyboard.destroy();
  }

  #prompt(): void {
    this.#options.output.write(PROMPT);
    this.#screen.promptShown();
  }
}
