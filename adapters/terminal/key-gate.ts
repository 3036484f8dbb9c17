import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type KeyToken, KeyTokenizer } from './key-tokens.ts';

/** Switches bracketed paste (xterm, `CSI ? 2004`) on and off. */
const PASTE_MARKS_ON = '\x1b[?2004h';
const PASTE_MARKS_OFF = '\x1b[?2004l';

/** Terminals send a key's sequence in one piece; what comes later than this is another key. */
const KEY_PAUSE_MS = 50;

/** Keys typed ahead while a reply runs; a person does not type more, and a cat on the keyboard should not. */
const MOST_TYPED_AHEAD = 10_000;

export interface KeyboardStream extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface KeyGateOptions {
  readonly keyboard: KeyboardStream;
  /** Writes to the terminal itself. */
  readonly control: (sequence: string) => void;
  /** What the line editor gets of a paste. */
  readonly fold: (pasted: string) => string;
  /** Ctrl-C while the gate is closed. */
  readonly onInterrupt: () => void;
  /** Ctrl-Z while the gate is closed. */
  readonly onSuspend: () => void;
}

/**
 * Stands between the keyboard and the line editor. It lets one line through and closes behind it: what is typed while a
 * reply runs waits for the next prompt instead of being written into the reply, and Ctrl-C is heard all the time.
 */
export class KeyGate extends Readable {
  readonly isTTY = true;
  readonly #options: KeyGateOptions;
  readonly #decoder = new StringDecoder('utf8');
  readonly #tokenizer = new KeyTokenizer();
  #waiting: KeyToken[] = [];
  #opened = false;
  /** A line end or Tab went through, and the line editor has not dealt with it yet. */
  #asking = false;
  #ended = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(options: KeyGateOptions) {
    super();
    this.#options = options;
    const { keyboard } = options;
    keyboard.on('data', this.#hear);
    keyboard.once('end', this.#end);
    keyboard.once('close', this.#end);
    // A terminal that was closed under us cannot be read any more.
    keyboard.once('error', this.#end);
  }

  /** Lets keys through, until a line is complete. */
  openGate(): void {
    this.#opened = true;
    this.#release();
  }

  /** To be called when a line is complete. */
  closeGate(): void {
    this.#opened = false;
  }

  /** The line editor switches raw mode, also around a suspension (Ctrl-Z); pastes are marked exactly as long. */
  setRawMode(raw: boolean): this {
    this.#options.keyboard.setRawMode?.(raw);
    this.#options.control(raw ? PASTE_MARKS_ON : PASTE_MARKS_OFF);
    return this;
  }

  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#pause);
    this.#options.keyboard.off('data', this.#hear).pause();
    done(error);
  }

  readonly #hear = (bytes: Buffer | string): void => {
    clearTimeout(this.#pause);
    this.#take(this.#tokenizer.feed(typeof bytes === 'string' ? bytes : this.#decoder.write(bytes)));
    if (this.#tokenizer.undecided) {
      this.#pause = setTimeout(() => this.#take(this.#tokenizer.settle()), KEY_PAUSE_MS);
    }
  };

  /** Told twice, by the end of the keyboard's stream and by its closing. */
  readonly #end = (): void => {
    if (!this.#ended) this.push(null);
    this.#ended = true;
  };

  #take(tokens: readonly KeyToken[]): void {
    for (const token of tokens) {
      if (token.kind === 'interrupt' && !this.#opened) {
        // As in a shell: what was typed ahead is not wanted any more either.
        this.#waiting = [];
        this.#options.onInterrupt();
      } else if (token.kind === 'suspend' && !this.#opened) {
        this.#options.onSuspend();
      } else if (this.#waiting.length < MOST_TYPED_AHEAD) {
        this.#waiting.push(token);
      }
    }
    this.#release();
  }

  #release(): void {
    while (this.#opened && !this.#asking) {
      const token = this.#waiting.shift();
      if (!token) return;
      const text = this.#asKeys(token);
      for (const key of keysOf(text)) this.push(key);
      if (/[\r\n\t]$/u.test(text)) this.#ask();
    }
  }

  /**
   * Not every line end ends a line (with Alt it does nothing), and Tab completes a moment later: only then is it known
   * what the next key is for.
   */
  #ask(): void {
    this.#asking = true;
    setImmediate(() => {
      this.#asking = false;
      this.#release();
    });
  }

  #asKeys(token: KeyToken): string {
    switch (token.kind) {
      case 'keys':
        return token.text;
      case 'interrupt':
        return '\x03';
      case 'suspend':
        return '\x1a';
      case 'paste':
        return this.#options.fold(token.text);
    }
  }
}

/**
 * One at a time: of several at once the line editor loses count of the rows that they take, and draws its line twice. What
 * begins with Escape is one key.
 */
function keysOf(text: string): Iterable<string> {
  return text.includes('\x1b') ? [text] : text;
}
