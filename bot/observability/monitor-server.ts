import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import type { HealthReport } from './health.ts';
import { MonitorError } from './monitor-error.ts';

export interface Pages {
  readonly live: () => Promise<HealthReport>;
  readonly ready: () => Promise<HealthReport>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Whoever watches needs one or two; whoever opens more is no watcher. */
const MOST_CONNECTIONS = 32;

/** A question is one short line; nobody needs longer to ask it. */
const REQUEST_TIMEOUT_MS = 5_000;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** `/healthz`, `/readyz` and `/metrics` over HTTP: nothing can be changed there. */
export class MonitorServer {
  readonly #pages: Pages;
  readonly #server: Server;

  constructor(pages: Pages) {
    this.#pages = pages;
    const limits = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS };
    this.#server = createServer({ ...limits, connectionsCheckingInterval: 1_000 }, (request, response) => {
      void this.#answer(request, response);
    });
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /**
   * @param port 0: any that is free.
   * @returns where it listens: `http://127.0.0.1:9464`.
   * @throws MonitorError
   */
  async listen(host: string, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException) => reject(cannotListen(host, port, error));
      this.#server.once('error', refuse);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', refuse);
        resolve();
      });
    });
    const address = this.#server.address();
    const bound = typeof address === 'object' && address ? address.port : port;
    return `http://${isIPv6(host) ? `[${host}]` : host}:${bound}`;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer({ method = '', url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, text } = await this.#find(method, url).catch(() => FAILED);
    response.writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(status === 405 && { allow: 'GET, HEAD' }),
    });
    response.end(method === 'HEAD' ? undefined : text);
  }

  async #find(method: string, url: string): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Only GET is answered here.');
    switch (url.split('?', 1)[0]) {
      case '/healthz':
        return told(await this.#pages.live());
      case '/readyz':
        return told(await this.#pages.ready());
      case '/metrics': {
        const { contentType, text } = await this.#pages.metrics();
        return { status: 200, type: contentType, text };
      }
      default:
        return plain(404, 'There are /healthz, /readyz and /metrics.');
    }
  }
}

const FAILED = plain(500, 'The figures could not be read. Ask again.');

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` };
}

function told({ ok, body }: HealthReport): Answer {
  return { status: ok ? 200 : 503, type: 'application/json', text: `${JSON.stringify(body)}\n` };
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): MonitorError {
  const why =
    cause.code === 'EADDRINUSE'
      ? 'another program has it'
      : cause.code === 'EADDRNOTAVAIL'
        ? `this machine does not have the address ${host}`
        : (cause.code ?? cause.message);
  return new MonitorError(
    'METRICS_PORT',
    `Nothing can listen at ${host}, port ${port}, for /healthz and /metrics: ${why}. ` +
      'Set METRICS_PORT to one that is free (and METRICS_HOST to an address of this machine), or remove it.',
    { cause },
  );
}
