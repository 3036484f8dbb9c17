import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Client } from 'discord.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Attachments } from '../../adapters/discord/attachments.ts';
import { fetchFile } from '../../adapters/slack/files.ts';
import type { AttachmentRef } from '../../bot/request.ts';

// Files come from the platform alone, and within limits of size and time, whatever the platform's answer looks like.

const TOKEN = 'xoxb-fake-for-files';

/** How each platform reads a file, from a server that stands in for it. */
const READERS = {
  Discord: (ref: AttachmentRef, origin: string, timeoutMs?: number) =>
    new Attachments({} as Client<true>, `${origin}/api`, timeoutMs).read(ref),
  Slack: (ref: AttachmentRef, origin: string, timeoutMs?: number) =>
    fetchFile(ref, { token: TOKEN, apiUrl: `${origin}/api/`, ...(timeoutMs !== undefined && { timeoutMs }) }),
} as const;

/** A server on loopback, with what it was asked. */
async function serve(answer: RequestListener) {
  const asked: { readonly url: string; readonly authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', authorization: request.headers.authorization });
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, asked, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe.each(Object.entries(READERS))('a file in %s', (platform, read) => {
  const tooLarge = { code: 'TOO_LARGE', message: expect.stringContaining('larger than 1 MB') };

  async function from(answer: RequestListener, ref: Partial<AttachmentRef> = {}, timeoutMs?: number) {
    const { server, asked, origin } = await serve(answer);
    const bytes = read(
      { name: 'tides.txt', location: `${origin}/files/tides.txt`, ...ref },
      origin,
      timeoutMs,
    );
    return { server, asked, bytes };
  }

  test('is read to its last byte', async () => {
    const { bytes } = await from((_, response) => response.end('At nine.'));
    expect(Buffer.from(await bytes).toString()).toBe('At nine.');
  });

  test.each([
    ['another host', 'http://127.0.0.2:9/secrets'],
    ['the same host by another port', 'http://127.0.0.1:1/secrets'],
    ["the platform's host in the user's part", 'http://files.slack.com@127.0.0.1:9/secrets'],
    ["a host that only begins like the platform's", 'https://files.slack.com.example/secrets'],
    ["a host that only ends like the platform's", 'https://evilcdn.discordapp.com.example/secrets'],
    ["the platform's host without encryption", 'http://cdn.discordapp.com/secrets'],
    ["Slack's without encryption", 'http://files.slack.com/secrets'],
    ['a file of this machine', 'file:///etc/hostname'],
    ['a path of this machine', '/etc/hostname'],
    ['data in the address itself', 'data:text/plain,secrets'],
    ['nothing', ''],
  ])('is not fetched from %s', async (_, location) => {
    const { asked, bytes } = await from((_request, response) => response.end('secrets'), { location });
    await expect(bytes).rejects.toMatchObject({ name: 'AttachmentError', code: 'UNREADABLE' });
    expect(asked).toEqual([]);
  });

  test.each([301, 302, 303, 307, 308])('is not followed to another host: %i', async (status) => {
    const elsewhere = await serve((_, response) => response.end('secrets'));
    const { bytes } = await from((_, response) => {
      response.writeHead(status, { location: `${elsewhere.origin}/secrets` }).end();
    });
    await expect(bytes).rejects.toMatchObject({ code: 'UNREADABLE' });
    expect(elsewhere.asked).toEqual([]);
  });

  test('is not even asked for when it is announced as too large', async () => {
    const { asked, bytes } = await from((_, response) => response.end('x'), { size: 2 ** 20 + 1 });
    await expect(bytes).rejects.toMatchObject(tooLarge);
    expect(asked).toEqual([]);
  });

  test('that never ends is left at its limit, and its connection ended', async () => {
    const { server, bytes } = await from(
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(2 ** 16, 'x')));
        };
        response.on('drain', more);
        more();
      },
      { size: 9 },
    );
    const ended = once(server, 'connection').then(
      ([socket]) => new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve)),
    );
    await expect(bytes).rejects.toMatchObject(tooLarge);
    await ended;
  });

  test('that unpacks to more than it seems is left at its limit, too', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
    expect(bomb.byteLength).toBeLessThan(2 ** 17);
    const { bytes } = await from((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.byteLength }).end(bomb);
    });
    await expect(bytes).rejects.toMatchObject(tooLarge);
  });

  test.each([
    ['says that it is longer than it is', { 'content-length': 100 }],
    ['breaks off', { 'transfer-encoding': 'chunked' }],
  ])('that %s is no file', async (_, headers) => {
    const { bytes } = await from((_request, response) => {
      response.writeHead(200, headers);
      response.write('At ni', () => response.destroy());
    });
    await expect(bytes).rejects.toMatchObject({ code: 'UNREADABLE' });
  });

  test('that says it is shorter than it is ends there', async () => {
    const { bytes } = await from((request, _response) => {
      request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nAt nine. secrets');
    });
    expect(Buffer.from(await bytes).toString()).toBe('At nine.');
  });

  test.each([
    ['never answers', (): void => undefined],
    [
      'stops in the middle',
      (_request: unknown, response: Parameters<RequestListener>[1]): void => {
        response.writeHead(200).write('At ');
      },
    ],
  ])('whose server %s is not waited for longer than its time', async (_, answer) => {
    const { bytes } = await from(answer, {}, 200);
    await expect(bytes).rejects.toMatchObject({ code: 'UNREADABLE', cause: { name: 'TimeoutError' } });
  });

  test('is whatever its bytes are, not what it is called: TypeScript is announced as a video', async () => {
    const { bytes } = await from((_, response) => {
      response.writeHead(200, { 'content-type': 'video/mp2t' }).end('const tide = 9;');
    });
    expect(Buffer.from(await bytes).toString()).toBe('const tide = 9;');
  });

  test("goes with the token to the platform's own host alone", async () => {
    const { asked, bytes } = await from((_, response) => response.end('At nine.'));
    await bytes;
    expect(asked.map(({ authorization }) => authorization)).toEqual([
      platform === 'Slack' ? `Bearer ${TOKEN}` : undefined,
    ]);
  });
});
