import { DiscordAPIError } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../config/logger.ts';

function logged(error: unknown): string {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  createLogger({ level: 'trace', secrets: [], format: 'json', write }).error({ err: error }, 'broken');
  return lines.join('');
}

describe('an error in the log', () => {
  it('has its class, message, code, stack and causes', () => {
    const cause = Object.assign(new TypeError('no connection'), { code: 'ECONNRESET' });
    const { err } = JSON.parse(logged(new RangeError('too far', { cause })));
    expect(err).toMatchObject({
      type: 'RangeError',
      message: 'too far',
      stack: expect.stringMatching(/^RangeError: too far\n\s+at /u),
      cause: { type: 'TypeError', message: 'no connection', code: 'ECONNRESET' },
    });
  });

  it('has nothing of the call that failed: no text of a message, no address with a token', () => {
    const body = { json: { content: 'Meet me at the old mill.' }, files: undefined };
    const address = 'https://discord.com/api/v10/webhooks/1/interaction-token';
    const error = new DiscordAPIError(
      { code: 50035, message: 'Invalid Form Body' },
      50035,
      400,
      'POST',
      address,
      body,
    );
    expect(logged(error)).toContain('Invalid Form Body');
    expect(logged(new Error('not posted', { cause: error }))).toContain('Invalid Form Body');
    for (const line of [logged(error), logged(new Error('not posted', { cause: error }))]) {
      expect(line).not.toContain('old mill');
      expect(line).not.toContain('interaction-token');
    }
  });

  it.each(['{"text": Meet me at', '"Meet me', 'Meet me at the old mill.', '{"a":1} Meet me at the old mill'])(
    'does not quote an answer that was no JSON: %s',
    (answer) => {
      let failure: unknown;
      try {
        JSON.parse(answer);
      } catch (error) {
        failure = error;
      }
      expect(logged(failure)).toMatch(/JSON/u);
      expect(logged(failure)).not.toMatch(/Meet|mill/u);
    },
  );

  it('that is none is not written out', () => {
    expect(logged('Meet me at the old mill.')).not.toContain('mill');
  });

  it('that causes itself ends', () => {
    const error = new Error('round');
    error.cause = error;
    expect(logged(error)).toContain('round');
  });
});
