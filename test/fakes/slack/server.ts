import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { SocketTransport } from './delivery/socket-transport.ts';
import type { WebApi } from './web-api/web-api.ts';
import type { World } from './workspace/world.ts';

/** One port of loopback for everything Slack serves: the Web API, response URLs, files, and Socket Mode's upgrade. */
export class SlackServer {
  readonly #world: World;
  readonly #webApi: WebApi;
  readonly #server: Server;

  constructor(world: World, webApi: WebApi, sockets: SocketTransport | undefined) {
    this.#world = world;
    this.#webApi = webApi;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        // A defect of the fake: say so loudly instead of hanging the bot.
        response.writeHead(500).end(String(error));
        console.error(error);
      });
    });
    this.#server.on('upgrade', (request, socket, head) => {
      if (sockets === undefined) socket.destroy();
      else sockets.accept(request, socket as Socket, head);
    });
  }

  /** @returns the origin it listens at. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.#world.origin);
    const body = await bodyOf(request);
    const [, first = '', rest = ''] = /^\/([^/]*)\/?(.*)$/.exec(pathname) ?? [];
    switch (first) {
      case 'api':
        return this.#webApi.handle(rest, body, request, response);
      case 'commands':
      case 'actions':
      case 'app':
        return this.#respond(pathname, body, response);
      case 'files-pri':
        return this.#file(rest, request, response);
      default:
        // Slack's website: the login page, for instance.
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
        response.end('<!DOCTYPE html><html><head><title>Sign in | Slack</title></head></html>');
    }
  }

  #respond(path: string, body: string, response: ServerResponse): void {
    const answer = this.#world.responseUrls.use(path, parse(body));
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  }

  /** A private file, for the bot's token with `files:read`; everybody else is sent to the login page. */
  #file(path: string, request: IncomingMessage, response: ServerResponse): void {
    const { app, workspace } = this.#world;
    const [, id = ''] = /^[A-Z0-9]+-([A-Z0-9]+)\//.exec(path) ?? [];
    const authorized =
      request.headers.authorization === `Bearer ${app.botToken}` && app.refusal === undefined;
    if (!authorized || !app.scopes.includes('files:read')) {
      response.writeHead(302, {
        location: `${this.#world.origin}/?redir=${encodeURIComponent(`/files-pri/${path}`)}`,
      });
      response.end();
      return;
    }
    const file = workspace.files.get(id);
    if (file === undefined) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>File not found</html>');
      return;
    }
    response.writeHead(200, { 'content-type': file.mimetype, 'content-length': file.content.length });
    response.end(file.content);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
