import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerOptions } from '../../config/logger.ts';

const token = 'xoxb-123456-abcdef';

function record(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({
    level: 'trace',
    secrets: [token],
    format: 'json',
    clock: () => 1_700_000_000_000,
    write: (line) => lines.push(line),
    ...options,
  });
  return { log, lines };
}

describe('the log', () => {
  it('writes one JSON object a line for machines', () => {
    const { log, lines } = record();
    log.child({ turn: 7 }).info({ queue: 2 }, 'answered');
    expect(lines).toEqual(['{"level":"info","time":1700000000000,"turn":7,"queue":2,"msg":"answered"}\n']);
  });

  it('writes one line a record for people', () => {
    const { log, lines } = record({ format: 'human', level: 'info' });
    log.warn({ queue: 2, who: 'ada l', err: new TypeError('no such model') }, 'cannot answer');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d warn {2}cannot answer queue=2 who="ada l" TypeError: no such model\n$/,
    );
  });

  it('shows stacks to people who debug', () => {
    const { log, lines } = record({ format: 'human', level: 'debug' });
    log.error({ err: new Error('broken') }, 'stopped');
    expect(lines[0]).toMatch(/error stopped Error: broken\n {4}Error: broken\n {4}at /);
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = record({ level: 'warn' });
    log.info('nobody asked');
    log.error('somebody should know');
    expect(lines).toHaveLength(1);
    expect(record({ level: 'silent' }).lines).toEqual([]);
  });

  it('keeps text from strangers on its line and away from the terminal', () => {
    const { log, lines } = record({ format: 'human' });
    log.info({ text: '\u202eevil\u2028' }, 'said \u001b[2J\n12:00:00 error forged');
    expect(lines[0]?.split('\n')).toHaveLength(2);
    expect(lines[0]?.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  });

  it('goes to standard error, never to standard output', () => {
    const project = path.resolve(import.meta.dirname, '../..');
    const script = `
      import { createLogger } from './config/logger.ts';
      createLogger({ level: 'info', secrets: [], format: 'json' }).info('here');`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(stderr).toContain('"msg":"here"');
  });
});

describe('a secret in the log', () => {
  it.each(['json', 'human'] as const)('is masked wherever it occurs (%s)', (format) => {
    const { log, lines } = record({ format });
    const error = Object.assign(new Error(`401 for ${token}`, { cause: new Error(`it was ${token}`) }), {
      request: { headers: { authorization: `Bearer ${token}` } },
    });
    log.info(`starting with ${token}`);
    log.info({ deep: [{ [token]: { value: `a${token}z` } }], body: JSON.stringify({ token }) }, 'nested');
    log.child({ token }).error({ err: error }, error.message);
    const written = lines.join('');
    expect(lines).toHaveLength(3);
    expect(written).not.toContain(token);
    expect(written.match(/\[secret\]/g)?.length).toBeGreaterThanOrEqual(6);
  });

  it('is masked in each of its spellings, and the record stays JSON', () => {
    const odd = 'pass"word\\with/odd&signs\n\\';
    const { log, lines } = record({ secrets: [odd] });
    const address = `redis://:${encodeURIComponent(odd)}@host`;
    log.info({ odd, inside: JSON.stringify({ odd }), address }, `a ${odd}"b`);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      odd: '[secret]',
      inside: '{"odd":"[secret]"}',
      address: 'redis://:[secret]@host',
      msg: 'a [secret]"b',
    });
  });

  it('leaves nothing behind when one secret contains another', () => {
    const { log, lines } = record({ secrets: ['abcdef', 'abcdefghi'] });
    log.info('abcdefghi');
    expect(JSON.parse(lines[0] ?? '').msg).toBe('[secret]');
  });

  it('is found in numbers, and not in what only looks like it', () => {
    const { log, lines } = record({ secrets: ['123456', 'nabcdef'], clock: () => 9_123_456_000 });
    log.info({ pin: 123456 }, '\nabcdef');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: '[secret]',
      pin: '[secret]',
      msg: '\nabcdef',
    });
    expect(() =>
      record({ format: 'human', secrets: ['123456'] }).log.info({ pin: 123456 }, 'x'),
    ).not.toThrow();
  });

  it('is not looked for when it is too short to be one', () => {
    const { log, lines } = record({ secrets: ['', 'a'] });
    log.info('a banana');
    expect(JSON.parse(lines[0] ?? '').msg).toBe('a banana');
  });
});
