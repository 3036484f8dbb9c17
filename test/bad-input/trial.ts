import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { parseArguments } from '../../adapters/terminal/arguments.ts';
import { TerminalAdapter } from '../../adapters/terminal/terminal-adapter.ts';
import { Bot } from '../../bot/bot.ts';
import { loadConfig } from '../../config/config.ts';
import { createLogger } from '../../config/logger.ts';
import { settings } from '../../config/settings.ts';
import { compile } from '../../inference/graph/compile.ts';
import { fetchModel } from '../../inference/model/hub-model.ts';
import { FakeHub } from '../fakes/hub/fake-hub.ts';
import type { RepositoryOptions } from '../fakes/hub/repository.ts';
import { type RandomCheckpoint, writeRandomCheckpoint } from '../fixtures/random-checkpoint.ts';
import { ScriptedEngine } from '../fixtures/scripted-engine.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');
const STARTER = path.join(PROJECT, 'models/starter');

const SMALL: RandomCheckpoint = { layers: 1, heads: 2, width: 8, positions: 16, vocabulary: 300 };

/** How a repository of the hub is, where it is not as it should be. */
export interface OnHub extends RepositoryOptions {
  /** Instead of a checkpoint's; undefined where there is none. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly damaged?: boolean;
  /** Nobody may ask it. */
  readonly offline?: boolean;
}

export interface Start {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** A file that standard output goes to. */
  readonly out?: string | undefined;
}

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

interface Final {
  readonly type: string;
  readonly text: string;
  readonly error?: { readonly message: string };
}

const tsx = import.meta.resolve('tsx');

function small(name: string): Readonly<Record<string, Buffer>> {
  return { [name]: readFileSync(path.join(STARTER, name)) };
}

/** As it looks to whoever is in that folder, whatever the system puts between the names. */
function withPlainPaths(text: string, folder: string): string {
  const near = text.replaceAll(folder, '.');
  return path.sep === '/' ? near : near.replaceAll(path.sep, '/');
}

/** Where bad input is given to the real parts: a folder of its own, and a model that says "An answer." to everything. */
export class Trial {
  /** Relative paths start here. */
  readonly folder = mkdtempSync(path.join(tmpdir(), 'parley-bad-input-'));
  #folders = 0;
  #hub: Promise<FakeHub> | undefined;
  readonly #replies = new Map<string, Promise<ReadonlyMap<string, string>>>();

  /** Writes a file; what it holds may be bytes. */
  file(name: string, content: string | Uint8Array): string {
    const location = path.join(this.folder, name);
    mkdirSync(path.dirname(location), { recursive: true });
    writeFileSync(location, content);
    return location;
  }

  /** What a start with these settings says: why there is none, or its warnings. */
  settings(env: Readonly<Record<string, string>>, dotenv?: (file: string) => void): string {
    const directory = this.#newFolder();
    dotenv?.(path.join(directory, '.env'));
    const folders = { home: directory, cache: directory, data: directory, state: directory };
    try {
      const { warnings } = loadConfig({ env, directory, folders });
      return warnings.map(({ message }) => message).join('\n') || 'Parley starts.';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** What stands above the usage. */
  commandLine(typed: readonly string[], atKeyboard = false): string {
    const asked = parseArguments(typed, atKeyboard);
    return asked.kind === 'wrong' ? asked.message : `(${asked.kind})`;
  }

  /** The replies to lines, with the remarks beside them. */
  async lines(input: string | Uint8Array): Promise<string> {
    const terminal = this.#terminal();
    return terminal.run(input);
  }

  /** The answer to one task, or why there is none. */
  async task(typed: readonly string[], input: string | Uint8Array): Promise<string> {
    const asked = parseArguments(['--task', ...typed], false);
    if (asked.kind !== 'run') return this.commandLine(['--task', ...typed]);
    const terminal = this.#terminal(asked);
    return `${await terminal.run(input)}${terminal.adapter.trouble ?? ''}`;
  }

  /** What comes of a checkpoint in the folder `./mine` that is whole but for this change. */
  async model(change: (folder: string) => void | Promise<void>): Promise<string> {
    const parent = this.#newFolder();
    const folder = path.join(parent, 'mine');
    await writeRandomCheckpoint(folder, SMALL);
    await change(folder);
    try {
      await compile(folder, 'fp32', path.join(parent, 'compiled'));
      return 'It runs.';
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return withPlainPaths(message, parent);
    }
  }

  /** What comes of fetching a model from a hub that has it so. */
  async fetch(
    id: string,
    { files, offline = false, damaged = false, ...access }: OnHub = {},
  ): Promise<string> {
    this.#hub ??= FakeHub.start();
    const hub = await this.#hub;
    if (files || damaged || access.access) {
      const whole = { 'model.safetensors': 'weights', ...small('config.json'), ...small('tokenizer.json') };
      hub.addRepository(id, access).commit({ ...whole, ...files });
    }
    if (damaged) hub.breakStorage({ content: (content) => Buffer.alloc(content.length) }, 2);
    const hubAccess = { host: hub.url, token: undefined, cacheDir: this.#newFolder(), offline };
    try {
      await fetchModel(id, hubAccess);
      return 'It is there.';
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return message.replaceAll(new URL(hub.url).host, 'the hub');
    }
  }

  /** How a program of the project ends, started in this folder, with the starter and without a network. */
  async program(
    entry: string,
    typed: readonly string[],
    { env = {}, input = '', out }: Start = {},
  ): Promise<Ended> {
    const output = out === undefined ? 'pipe' : openSync(out, 'w');
    const others = Object.entries(process.env).filter(([name]) => !(name in settings));
    const child = spawn(process.execPath, ['--import', tsx, path.join(PROJECT, entry), ...typed], {
      cwd: this.folder,
      env: {
        ...Object.fromEntries(others),
        ...{ MODEL: 'starter', OFFLINE: 'true', HISTORY_FILE: 'none', LOG_LEVEL: 'error' },
        ...{ MODEL_CACHE: path.join(this.folder, 'cache'), DATA_DIR: path.join(this.folder, 'data'), ...env },
      },
      stdio: ['pipe', output, 'pipe'],
    });
    if (typeof output === 'number') closeSync(output);
    const said = { out: '', err: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said.out += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said.err += text;
    });
    // A program that ends before it has read everything is what is asked about here.
    child.stdin?.on('error', () => undefined).end(input);
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, out: said.out, err: withPlainPaths(said.err, this.folder) };
  }

  /** The replies of one run of the whole program to all of these lines, by the line. */
  repliesOfProgram(lines: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const input = lines.map((line) => `${line}\n`).join('');
    const replies = this.#replies.get(input) ?? this.#askProgram(lines, input);
    this.#replies.set(input, replies);
    return replies;
  }

  async close(): Promise<void> {
    await (await this.#hub)?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #askProgram(lines: readonly string[], input: string): Promise<ReadonlyMap<string, string>> {
    const { out } = await this.program('bot/main.ts', ['--json'], { input });
    const finals = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Final)
      .filter(({ type }) => type === 'final');
    const replies = finals.map(({ text, error }) => withPlainPaths(error?.message ?? text, this.folder));
    return new Map(lines.map((line, index) => [line, replies[index] ?? '']));
  }

  #newFolder(): string {
    this.#folders += 1;
    const folder = path.join(this.folder, `folder-${this.#folders}`);
    mkdirSync(folder);
    return folder;
  }

  #terminal(asked: Partial<Extract<ReturnType<typeof parseArguments>, { kind: 'run' }>> = {}) {
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const adapter = new TerminalAdapter({
      input,
      output,
      errors,
      json: false,
      ...(asked.task && { task: asked.task }),
      colors: false,
      greeting: '',
      folders: { working: this.folder, home: this.folder },
      windows: false,
      clock: () => 1000,
    });
    const engine = new ScriptedEngine((reply) => reply.write(' An answer.').end());
    const logger = createLogger({ level: 'silent', secrets: [], format: 'json' });
    const bot = new Bot({ engine: Promise.resolve(engine), logger });
    const said: string[] = [];
    for (const stream of [output, errors]) stream.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    const run = async (bytes: string | Uint8Array): Promise<string> => {
      await adapter.start((request) => bot.handle(request, adapter));
      input.end(bytes);
      await adapter.ended;
      return said.join('');
    };
    return { adapter, run };
  }
}
