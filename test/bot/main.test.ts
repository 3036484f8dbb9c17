import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProgram } from './program.ts';

// The whole program as people start it, in a process of its own, with the model that ships with the project.

const SAMPLE = 'The harbour was quiet. The ships lay still while the men carried barrels to the quay. ';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-main-'));
  await writeFile(path.join(folder, 'notes.txt'), SAMPLE.repeat(3));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  startProgram('bot/main.ts', { args, env: { MODEL_CACHE: path.join(folder, 'cache'), ...env } });

function run(input: string | Uint8Array, args: readonly string[] = [], env: Record<string, string> = {}) {
  const { child, ended } = start(args, env);
  child.stdin?.end(input);
  return ended;
}

const events = (out: string): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('lines through a pipe', () => {
  test('are all answered, with nothing else on standard output, and status 0', async () => {
    const { status, out, err } = await run('What is tea?\n/ask What is a river?\n/status\n');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(out).toMatch(/^model +starter \([\d.]+ million parameters, q8\)/m);
  });

  test('as events: the deltas joined are the final text, and every line has one final', async () => {
    const { status, out } = await run(`Hello\n/summarize ${path.join(folder, 'notes.txt')}\n/nope\n`, [
      '--json',
    ]);
    expect(status).toBe(0);
    for (const turn of [1, 2, 3]) {
      const ofTurn = events(out).filter((event) => event.turn === turn);
      const finals = ofTurn.filter((event) => event.type === 'final');
      const deltas = ofTurn.filter((event) => event.type === 'delta');
      expect(finals).toHaveLength(1);
      expect(ofTurn.at(-1)).toBe(finals[0]);
      expect(deltas.map((event) => event.text).join('')).toBe(finals[0]?.text);
    }
    expect(events(out).at(-1)).toMatchObject({ reason: 'error', error: { code: 'UNKNOWN_COMMAND' } });
  });

  test('of every bad kind each get a clear answer, and the session goes on', async () => {
    const bad = [
      Buffer.from([0xff, 0xfe, 0x00, 0x80]),
      Buffer.from(''),
      Buffer.from('x'.repeat(100_000)),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from('<|endoftext|>'),
      Buffer.from('What is it?\rA: Nothing.\rQ: Really?'),
      Buffer.from('/summarize ./no-such-file.txt'),
      Buffer.from('/summarize ./bot'),
      Buffer.from('/nope'),
      Buffer.from('Still there?'),
    ];
    const { status, out } = await run(Buffer.concat(bad.flatMap((line) => [line, Buffer.from('\n')])), [
      '--json',
    ]);
    expect(status).toBe(0);
    const finals = events(out).filter((event) => event.type === 'final');
    expect(finals.map((final) => final.turn)).toEqual(bad.map((_, index) => index + 1));
    const codes = finals.map((final) => (final.error as { code: string } | undefined)?.code);
    expect(codes).toEqual([
      'ENCODING',
      'TEXT_MISSING',
      undefined,
      'ENCODING',
      undefined,
      undefined,
      'NOT_FOUND',
      'FOLDER',
      'UNKNOWN_COMMAND',
      undefined,
    ]);
  });

  test('end quietly when nobody reads on', async () => {
    const { child, ended, shows } = start();
    child.stdin?.write('/status\n'.repeat(1000));
    await shows('model');
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ status: 0, err: '' });
  });
});

describe('one task', () => {
  test('is answered on standard output and nowhere else, with status 0', async () => {
    const { status, out, err } = await run(SAMPLE.repeat(3), ['--task', 'summarize', '--seed', '7']);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^\S[^\n]*\n$/);
    // The same seed, the same answer.
    expect((await run(SAMPLE.repeat(3), ['--task', 'summarize', '--seed', '7'])).out).toBe(out);
  });

  test('that fails says why on standard error, with status 1, and as an event too with --json', async () => {
    const { status, out, err } = await run('', ['--task', 'fill', '--json', 'No gap.']);
    expect({ status, err }).toEqual({
      status: 1,
      err: expect.stringMatching(/^There is no gap in the text/),
    });
    expect(events(out)).toMatchObject([{ type: 'final', reason: 'error', error: { code: 'GAP_UNCLEAR' } }]);
  });

  test('that nobody reads on ends without a word', async () => {
    const { child, ended } = start(['--task', 'write', 'The Old Lighthouse']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    child.stdin?.end();
    expect(await ended).toMatchObject({ status: 0, err: '' });
  });
});

describe('the command line', () => {
  test('shows its usage and its version', async () => {
    const help = await run('', ['--help']);
    expect(help).toMatchObject({ status: 0, err: '' });
    expect(help.out).toContain('--json');
    expect(await run('', ['--version'])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test('ends as quietly when nobody reads its usage', async () => {
    const { child, ended } = start(['--help']);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ status: 0, err: '' });
  });

  test('with an option that there is not ends with the usage and status 2', async () => {
    const { status, out, err } = await run('', ['--jsno']);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain('--jsno');
    expect(err).toContain('Usage:');
  });
});

describe('what keeps it from starting', () => {
  test('wrong settings are listed all at once, with status 78', async () => {
    const { status, out, err } = await run('Hi\n', [], { KV_MB: 'much', ENGINE_WEIGHTS: 'q5' });
    expect({ status, out }).toEqual({ status: 78, out: '' });
    expect(err).toContain('KV_MB');
    expect(err).toContain('ENGINE_WEIGHTS');
  });

  test('a model that is not there is named in one line, with status 1', async () => {
    const { status, err } = await run('Hi\n', [], { MODEL: path.join(folder, 'nowhere') });
    expect(status).toBe(1);
    expect(err.trimEnd().split('\n')).toEqual([expect.stringContaining('nowhere')]);
  });
});

describe('a signal', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s ends it while it waits for a line', async (signal, expected) => {
    if (process.platform === 'win32') return;
    const { child, ended, shows } = start();
    child.stdin?.write('/help\n');
    await shows('/quit');
    child.kill(signal);
    expect(await ended).toMatchObject({ status: expected, err: '' });
  });

  test('ends the reply that runs with what there is of it', async () => {
    if (process.platform === 'win32') return;
    const { child, ended, shows } = start(['--json']);
    child.stdin?.write(`${'Tell me a long story. '.repeat(20)}\n`.repeat(200));
    await shows('"delta"');
    child.kill('SIGTERM');
    const { status, out } = await ended;
    expect(status).toBe(143);
    expect(events(out).at(-1)).toMatchObject({ type: 'final' });
  });
});
