import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import type { SingleTask } from '../../../adapters/terminal/task-arguments.ts';
import { TerminalAdapter } from '../../../adapters/terminal/terminal-adapter.ts';
import { Bot } from '../../../bot/bot.ts';
import { createLogger } from '../../../config/logger.ts';
import type { Engine } from '../../../inference/engine/engine.ts';

/** A stream that keeps what was written to it, and may say that it is a terminal. */
class Captured extends PassThrough {
  columns = 80;
  readonly isTTY: boolean;
  #text = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
    this.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
    });
  }

  /** Everything written, without colours and cursor movements. */
  get text(): string {
    return stripVTControlCharacters(this.#text);
  }

  get raw(): string {
    return this.#text;
  }

  /** Waits until it has been written, behind the first `after` characters. */
  async shows(expected: string | RegExp, after = 0): Promise<void> {
    const matcher =
      typeof expected === 'string' ? expect.stringContaining(expected) : expect.stringMatching(expected);
    await expect.poll(() => this.text.slice(after), { interval: 5, timeout: 10_000 }).toEqual(matcher);
  }
}

class Keyboard extends PassThrough {
  readonly isTTY: boolean;
  raw = false;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
}

export interface TerminalSetUp {
  readonly engine: Engine | Promise<Engine>;
  readonly person?: boolean;
  /** The person's terminal can only print. */
  readonly dumb?: boolean;
  readonly historyFile?: string;
  readonly json?: boolean;
  readonly task?: SingleTask;
  readonly working?: string;
}

/** The terminal adapter with the bot behind it, on streams that the test holds. */
export async function openTerminal({
  engine,
  person = false,
  dumb = false,
  historyFile,
  json = false,
  task,
  working = '.',
}: TerminalSetUp) {
  const input = new Keyboard(person);
  const output = new Captured(person);
  const errors = new Captured(person);
  const adapter = new TerminalAdapter({
    input,
    output,
    errors,
    json,
    ...(task && { task }),
    colors: false,
    dumb,
    ...(historyFile !== undefined && { historyFile }),
    greeting: 'Welcome.',
    folders: { working, home: '/home/ann' },
    windows: false,
    clock: () => 1000,
  });
  const logger = createLogger({ level: 'silent', secrets: [], format: 'json' });
  const bot = new Bot({ engine: Promise.resolve(engine), logger });
  onTestFinished(() => adapter.stop());
  await adapter.start((request) => bot.handle(request, adapter));
  return { adapter, bot, input, output, errors };
}
