import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { leaksIn } from './leaks.ts';

const said = {
  texts: new Set(['The spare key lies\nbeneath the “blue” flowerpot, Ada.', 'Überraschung morgen', 'again']),
  secrets: new Set(['xoxb-fake-1234567890']),
};

const found = (line: string) => leaksIn([line], said).map(({ what }) => what);

describe('a leak', () => {
  it.each([
    ['a whole text', 'The spare key lies\nbeneath the “blue” flowerpot, Ada.'],
    ['its beginning', '{"msg":"cannot answer: The spare key lies…"}'],
    ['words out of its middle, in another case', 'LIES BENEATH THE BLUE'],
    [
      'a text as JSON within JSON',
      JSON.stringify({ body: JSON.stringify({ content: 'key lies\nbeneath the' }) }),
    ],
    ['a text of two words', '{"text":"Überraschung morgen"}'],
  ])('is %s', (_, line) => {
    expect(found(line)).toEqual(['a text']);
  });

  it('is a secret, wherever it stands', () => {
    expect(found('{"url":"https://slack.example/?token=xoxb-fake-1234567890&x"}')).toEqual(['a secret']);
  });

  it.each(['{"task":"again","msg":"routed"}', 'the spare key', 'the key lies', ''])('is not %s', (line) => {
    expect(found(line)).toEqual([]);
  });

  it("is none of the program's own phrases, which are posted and may be logged", () => {
    const own = "the model's process ended; it is started again";
    expect(leaksIn([own], { texts: new Set([own]), secrets: new Set() })).toEqual([]);
  });
});

describe('the suite', () => {
  it('fails where one of its tests lets the bot log a text or a token', async () => {
    const vitest = path.resolve(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--config', 'test/privacy/leaky.config.ts', '--reporter', 'verbose'];
    const child = spawn(process.execPath, args, { cwd: path.resolve(import.meta.dirname, '../..') });
    const [out, err, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    const report = stripVTControlCharacters(out + err);
    expect(status, report).toBe(1);
    expect(report).toContain('✓ test/privacy/leaky.ts > a bot that tells too much');
    expect(report).toContain('secrets and texts of messages must not be logged');
    expect(report).toMatch(/"what": "a text"/u);
    expect(report).toMatch(/"what": "a secret"/u);
  });
});
