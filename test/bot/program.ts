import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { settings } from '../../config/settings.ts';
import { keepWritten } from '../privacy/written.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const PRETEND_TERMINAL = new URL('../fixtures/pretend-terminal.mjs', import.meta.url).href;

export interface Program {
  readonly child: ChildProcess;
  /** Waits until standard output or standard error has the text, without colours and cursor movements. */
  shows(text: string | RegExp): Promise<void>;
  /** What was written so far. */
  readonly out: string;
  readonly err: string;
  type(line: string): void;
  readonly ended: Promise<{ readonly status: number | null; readonly out: string; readonly err: string }>;
}

export interface ProgramOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The program believes that a person sits at a terminal of 100 columns. */
  readonly person?: boolean;
}

/** Starts one of the project's programs, `bot/main.ts` for one, in a process of its own that ends with the test. */
export function startProgram(
  entry: string,
  { args = [], env = {}, person = false }: ProgramOptions = {},
): Program {
  // A folder of its own: two bots may not share one.
  const data = mkdtempSync(path.join(tmpdir(), 'parley-test-data-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const imports = person ? ['--import', PRETEND_TERMINAL] : [];
  const child = spawn(process.execPath, [...imports, '--import', 'tsx', entry, ...args], {
    cwd: PROJECT,
    env: { ...withoutSettings(process.env), LOG_LEVEL: 'info', DATA_DIR: data, HISTORY_FILE: 'none', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  onTestFinished(() => {
    keepWritten(out);
    keepWritten(err);
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  // A program that ends before it has read everything is no failure of the test.
  child.stdin.on('error', () => undefined);
  return {
    child,
    get out() {
      return stripVTControlCharacters(out);
    },
    get err() {
      return stripVTControlCharacters(err);
    },
    async shows(text) {
      const matcher = typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text);
      await expect
        .poll(() => stripVTControlCharacters(out + err), { interval: 20, timeout: 40_000 })
        .toEqual(matcher);
    },
    type: (line) => child.stdin.write(`${line}${person ? '\r' : '\n'}`),
    ended: once(child, 'close').then(([status]) => ({ status: status as number | null, out, err })),
  };
}

/** What whoever runs the tests has set for themselves must not decide them. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !(name in settings)));
}
