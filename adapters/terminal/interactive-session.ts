import {
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  type Key,
  moveCursor,
} from 'node:readline';
import type { Colors } from 'picocolors/types.js';
import { type CompletionRules, complete } from './completion.ts';
import { EditorOutput } from './editor-output.ts';
import { type KeyboardStream, KeyGate } from './key-gate.ts';
import { LineHistory } from './line-history.ts';
import { Pastes } from './pastes.ts';
import { printable } from './printable.ts';
import { Screen } from './screen.ts';
import type { Session } from './session.ts';
import type { TerminalOutput } from './terminal-output.ts';

export interface InteractiveOptions {
  readonly session: Session;
  readonly keyboard: KeyboardStream;
  readonly output: TerminalOutput;
  readonly colors: Colors;
  /** Said once, above the first prompt. */
  readonly greeting: string;
  readonly completion: CompletionRules;
  /** Where typed lines are kept for the next session; absent: nowhere. */
  readonly historyFile?: string;
}

const PROMPT = '> ';
/** Months of a person's questions, and read in no time. */
const LINES_OF_HISTORY = 1000;
/** Somebody who comes back to a long reply wants to read it, not a day's log. */
const MOST_UNSAID = 20;
/** By then a signal to ourselves has arrived. */
const SUSPENDING_MS = 50;
const PRESS_AGAIN = 'Press Ctrl-C again to leave.';

/** A person at a prompt: line editing and history, replies that grow, Ctrl-C that stops them or leaves. */
export class InteractiveSession {
  readonly #options: InteractiveOptions;
  readonly #pastes = new Pastes();
  readonly #screen: Screen;
  readonly #gate: KeyGate;
  readonly #editorOutput: EditorOutput;
  readonly #editor: Interface;
  readonly #history: LineHistory;
  readonly #left: Promise<void>;
  #leave: () => void = () => undefined;
  /** A line was entered, and its reply is not complete. */
  #busy = false;
  /** What was to be said while a reply ran. */
  readonly #unsaid: string[] = [];
  #status: ((columns: number) => string) | undefined;
  #stopReply: (() => void) | undefined;
  /** Ctrl-C was the last thing pressed. */
  #interrupted = false;
  #suspended = false;
  #closed = false;

  constructor(options: InteractiveOptions) {
    const { keyboard, output, colors, historyFile: file, completion } = options;
    this.#options = options;
    this.#left = new Promise((resolve) => {
      this.#leave = resolve;
    });
    this.#screen = new Screen({ output, colors });
    this.#gate = new KeyGate({
      keyboard,
      control: (sequence) => output.write(sequence),
      fold: (pasted) => this.#pastes.fold(pasted),
      onInterrupt: () => this.#interruptReply(),
      onSuspend: () => this.#suspend(),
    });
    this.#history = new LineHistory({ ...(file !== undefined && { file }), lines: LINES_OF_HISTORY });
    this.#editorOutput = new EditorOutput(output);
    this.#editor = createInterface({
      input: this.#gate,
      output: this.#editorOutput,
      terminal: true,
      prompt: colors.bold(PROMPT),
      history: this.#history.load(),
      historySize: LINES_OF_HISTORY,
      removeHistoryDuplicates: true,
      completer: (line: string): [string[], string] => [...complete(line, completion)],
    });
  }

  /** Resolves when the person leaves. */
  async run(): Promise<void> {
    // Ahead of the editor: what is entered stays on the screen, and a line that no longer changes must not stay above it.
    this.#gate.prependListener('keypress', (_, key: Key) => {
      if (key.name === 'return' && this.#status) this.#showPrompt(undefined);
    });
    this.#editor.on('line', (line) => this.#enter(line));
    this.#editor.on('SIGINT', () => this.#interruptPrompt());
    this.#editor.on('SIGTSTP', () => this.#suspend());
    this.#editor.on('close', () => this.stop());
    this.#options.output.on('error', () => this.stop());
    this.#options.output.on('resize', this.#resize);
    process.on('SIGCONT', this.#resume);
    this.#screen.remark(this.#options.greeting);
    this.#options.output.write('\n');
    this.#prompt();
    await this.#left;
  }

  /** A line that answers nobody: above the prompt and what is typed there, and never into a reply. */
  say(text: string): void {
    if (this.#closed) return;
    if (this.#busy) {
      if (this.#unsaid.length < MOST_UNSAID) this.#unsaid.push(text);
      return;
    }
    const { output } = this.#options;
    const { rows } = this.#editor.getCursorPos();
    moveCursor(output, 0, -rows);
    cursorTo(output, 0);
    clearScreenDown(output);
    this.#screen.lineEntered();
    this.#screen.remark(text);
    this.#drawBelow();
    this.#screen.promptShown();
  }

  /**
   * A line above the prompt that changes in place, made to fit into so many columns; undefined takes it away. It is part
   * of the prompt: so the line editor keeps it out of what is typed, and it never gets into a reply.
   */
  status(line: ((columns: number) => string) | undefined): void {
    this.#status = line;
    if (!this.#closed && !this.#busy) this.#showPrompt(line);
  }

  /** Ends the reply that runs, gives the terminal back as it was, and lets `run` resolve. */
  stop(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopReply?.();
    this.#options.output.off('resize', this.#resize);
    process.off('SIGCONT', this.#resume);
    this.#screen.leave();
    this.#editor.close();
    this.#gate.destroy();
    this.#leave();
  }

  #prompt(): void {
    if (this.#closed) return;
    this.#screen.promptShown();
    this.#showPrompt(this.#status);
    this.#gate.openGate();
  }

  /** Draws the prompt anew, with what is typed there. */
  #showPrompt(status: ((columns: number) => string) | undefined): void {
    const { colors } = this.#options;
    // A line that fills the last column would wrap on some terminals.
    const above = status?.(this.#editorOutput.columns - 1);
    const prompt = colors.bold(PROMPT);
    this.#editor.setPrompt(above === undefined ? prompt : `${colors.dim(printable(above))}\n${prompt}`);
    this.#editor.prompt(true);
  }

  async #enter(line: string): Promise<void> {
    this.#gate.closeGate();
    this.#busy = true;
    this.#interrupted = false;
    this.#screen.lineEntered();
    try {
      await this.#reply(line);
    } finally {
      this.#stopReply = undefined;
      this.#busy = false;
      this.#prompt();
      for (const text of this.#unsaid.splice(0)) this.say(text);
    }
  }

  async #reply(line: string): Promise<void> {
    const meant = this.#pastes.expand(line);
    // What was pasted is not in the next session any more, and its label means nothing there.
    if (meant === line) this.#history.add(line);
    const submitted = await this.#options.session.submit(meant, line);
    if (submitted.kind === 'leave') {
      this.stop();
      return;
    }
    this.#stopReply = submitted.stop;
    if (this.#interrupted) submitted.stop();
    this.#screen.begin();
    for await (const event of submitted.events) this.#screen.show(event);
  }

  /** The first Ctrl-C stops the reply; one more does not wait for it. */
  #interruptReply(): void {
    if (this.#interrupted) this.stop();
    this.#interrupted = true;
    this.#stopReply?.();
  }

  /** The first Ctrl-C takes back what was typed, or says how to leave; one more leaves. */
  #interruptPrompt(): void {
    if (this.#editor.line !== '') {
      this.#editor.write(null, { ctrl: true, name: 'e' });
      this.#editor.write(null, { ctrl: true, name: 'u' });
      this.#interrupted = false;
      return;
    }
    if (this.#interrupted) {
      this.stop();
      return;
    }
    this.#interrupted = true;
    this.say(PRESS_AGAIN);
  }

  /**
   * Ctrl-Z as the system itself does it, for the whole group: the line editor's own way would stop this process alone and
   * leave npm in the foreground, waiting.
   */
  #suspend(): void {
    // Windows has no jobs to come back to.
    if (this.#suspended || this.#options.completion.windows) return;
    this.#suspended = true;
    this.#gate.setRawMode(false);
    process.kill(0, 'SIGTSTP');
    // Where nobody is there to let it go on, nothing was stopped.
    setTimeout(() => {
      this.#suspended = false;
      if (!this.#closed) this.#gate.setRawMode(true);
    }, SUSPENDING_MS);
  }

  /** The group goes on (`fg`), and the shell has used the terminal in its own way meanwhile. */
  readonly #resume = (): void => {
    if (this.#closed) return;
    this.#gate.setRawMode(false);
    this.#gate.setRawMode(true);
    if (!this.#busy) this.#drawBelow();
  };

  /** The terminal has another width, and has wrapped anew what stands on it. */
  readonly #resize = (): void => {
    const before = this.#editor.getCursorPos().rows;
    this.#editorOutput.columns = this.#editorOutput.newColumns;
    this.#screen.resized();
    // The lines of a reply are the terminal's own business, and the next prompt is drawn as it has to be.
    if (this.#busy || this.#closed) return;
    const rows = this.#editor.getCursorPos().rows;
    const { output } = this.#options;
    // The editor goes up by as many rows as there were before.
    if (rows < before) output.write('\n'.repeat(before - rows));
    else moveCursor(output, 0, before - rows);
    this.#showPrompt(this.#status);
  };

  /** Draws the prompt from the line on that the cursor is in. */
  #drawBelow(): void {
    // The editor goes up again by as many rows as it believes to be in, before it writes its line anew.
    this.#options.output.write('\n'.repeat(this.#editor.getCursorPos().rows));
    this.#editor.prompt(true);
  }
}
