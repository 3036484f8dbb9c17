import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { settings } from '../../config/settings.ts';
import { until } from './until.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const SURROUNDINGS = new URL('./surroundings.mjs', import.meta.url).href;

/** A start on a busy machine takes some seconds; one that takes longer is stuck. */
const START_MS = 60_000;
/** A bot that is told to stop has eight seconds for it (`bot/serve.ts`). */
const STOP_MS = 30_000;
/** Lines of the log that are kept for the report of a failure. */
const KEPT_LINES = 400;

export interface BotProcessOptions {
  readonly env: Readonly<Record<string, string>>;
  /** What every answer is drawn from. */
  readonly seed: number;
  /** How far the bot's clock is ahead of ours. */
  readonly aheadMs?: number;
  /** The longest file that the process may write, in KiB (`ulimit -f`). */
  readonly fileLimitKb?: number;
  /** Runs as this user, for whom the system's permissions count; absent: as we do. */
  readonly user?: number;
}

/** What the bot logged. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The whole program, as people start it, in a process that can be killed. */
export class BotProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lines: string[] = [];
  readonly #errors: LogLine[] = [];
  readonly #said = new Map<string, number>();
  #out = '';
  #engine: number | undefined;

  private constructor({ env, seed, aheadMs = 0, fileLimitKb, user }: BotProcessOptions) {
    const command = [process.execPath, '--import', SURROUNDINGS, '--import', 'tsx', 'bot/main.ts'];
    // POSIX counts in half KiB.
    const limited = ['/bin/sh', '-c', `ulimit -S -f ${(fileLimitKb ?? 0) * 2}; exec "$@"`, 'sh', ...command];
    const [program = '', ...args] = fileLimitKb === undefined ? command : limited;
    this.#child = spawn(program, args, {
      cwd: PROJECT,
      env: {
        ...withoutSettings(process.env),
        LOG_LEVEL: 'debug',
        CHAOS_SEED: String(seed),
        CHAOS_AHEAD_MS: String(aheadMs),
        ...env,
      },
      ...(user !== undefined && { uid: user, gid: user }),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#ended = once(this.#child, 'exit');
    this.#child.on('error', () => undefined);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
    });
    if (this.#child.stderr)
      createInterface({ input: this.#child.stderr }).on('line', (line) => this.#note(line));
  }

  /** @throws Error when it does not meet people on both platforms in time. */
  static async start(options: BotProcessOptions): Promise<BotProcess> {
    const bot = new BotProcess(options);
    await until(() => bot.meetsPeople || bot.gone, {
      what: 'the bot to be on both platforms',
      withinMs: START_MS,
      state: () => bot.lastWords,
    });
    if (bot.gone) throw new Error(`The bot ended at its start.\n${bot.lastWords}`);
    return bot;
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  get gone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get status(): number | null {
    return this.#child.exitCode;
  }

  /** What it has logged as a mistake of its own. */
  get errors(): readonly LogLine[] {
    return this.#errors;
  }

  /** How often it has logged this. */
  times(message: string): number {
    return this.#said.get(message) ?? 0;
  }

  get lastWords(): string {
    return [this.#out, ...this.#lines.slice(-40)].join('\n');
  }

  /** Introduced on Discord and on Slack. */
  get meetsPeople(): boolean {
    return this.#out.includes('In Discord as') && this.#out.includes('In Slack as');
  }

  /** The engine's process, as soon as there is one. */
  async engine(): Promise<number> {
    if (this.#engine !== undefined && isAlive(this.#engine)) return this.#engine;
    let found: number | undefined;
    await until(
      async () => {
        found = await childOf(this.id);
        return found !== undefined || this.gone;
      },
      { what: "the engine's process", withinMs: START_MS, everyMs: 50, state: () => this.lastWords },
    );
    this.#engine = found;
    if (found === undefined) throw new Error(`The bot has ended.\n${this.lastWords}`);
    return found;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Moves the bot's clock: so far ahead of ours, or behind. */
  setAhead(milliseconds: number): void {
    this.#child.send(milliseconds);
  }

  /** There is room again (Linux). */
  async liftFileLimit(): Promise<void> {
    await run('prlimit', ['--pid', String(this.id), '--fsize=unlimited:']);
  }

  /** Kills it without a word; resolves when it is gone, and its engine with it. */
  async kill(): Promise<void> {
    const engine = await childOf(this.id);
    this.#child.kill('SIGKILL');
    await this.#ended;
    // It notices by the end of the channel, unless it was stopped.
    if (engine !== undefined) {
      signalProcess(engine, 'SIGCONT');
      await until(() => !isAlive(engine), { what: 'the end of the engine', withinMs: STOP_MS });
    }
  }

  /** Asks it to end. @returns its exit status. */
  async stop(): Promise<number | null> {
    if (!this.gone) this.#child.kill('SIGTERM');
    await until(() => this.gone, {
      what: 'the bot to end',
      withinMs: STOP_MS,
      state: () => this.lastWords,
    });
    return this.status;
  }

  /** In MB, as the system counts: the bot, and its engine. */
  async memory(): Promise<{ readonly bot: number; readonly engine: number }> {
    const engine = await this.engine();
    const [bot = 0, child = 0] = await Promise.all([this.id, engine].map(residentMb));
    return { bot, engine: child };
  }

  #note(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    try {
      const record = JSON.parse(line) as LogLine;
      this.#said.set(record.msg, this.times(record.msg) + 1);
      if (record.level === 'error') this.#errors.push(record);
    } catch {
      // What libraries write by themselves is no record.
    }
  }
}

export function signalProcess(id: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(id, signal);
    return true;
  } catch {
    // It has ended before.
    return false;
  }
}

export function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}

const run = promisify(execFile);

/** The child of a process: the bot has one, its engine (another one compiles, and is gone before people are met). */
async function childOf(parent: number): Promise<number | undefined> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  for (const line of stdout.split('\n')) {
    const [, child, of, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (Number(of) === parent && command.includes('engine-process')) return Number(child);
  }
  return undefined;
}

async function residentMb(id: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(id)]);
  return Number(stdout) / 1024;
}

/** What whoever runs this has set for themselves must not decide it. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !(name in settings)));
}
