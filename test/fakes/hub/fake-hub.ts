import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, send } from './answer.ts';
import { type Fault, Faults, type SeenRequest } from './fault.ts';
import { answerAsHub } from './hub-origin.ts';
import { FakeRepository, type RepositoryOptions } from './repository.ts';
import { answerAsStorage } from './storage-origin.ts';

/**
 * A Hugging Face hub on loopback, as far as files go: the hub itself, and its storage on a port (so, for a browser's or a
 * token's purposes, a host) of its own. It records what it was asked, and breaks what a test wants broken.
 */
export class FakeHub {
  /** In the order of arrival, over both hosts. */
  readonly requests: SeenRequest[] = [];
  readonly #faults = new Faults();
  readonly #repositories = new Map<string, FakeRepository>();
  readonly #renamed = new Map<string, string>();
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor() {
    this.#hub = this.#serve('hub');
    this.#storage = this.#serve('storage');
  }

  static async start(): Promise<FakeHub> {
    const fake = new FakeHub();
    for (const server of [fake.#hub, fake.#storage]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return fake;
  }

  /** What MODEL_HOST would be. */
  get url(): string {
    return addressOf(this.#hub);
  }

  get storageUrl(): string {
    return addressOf(this.#storage);
  }

  addRepository(id: string, options: RepositoryOptions = {}): FakeRepository {
    const repository = new FakeRepository(id, options);
    this.#repositories.set(id, repository);
    return repository;
  }

  /** The hub goes on answering for the old name, with redirects. */
  rename(old: string, id: string): void {
    this.#renamed.set(old, id);
  }

  /** Breaks the next `times` answers of the storage. */
  breakStorage(fault: Fault, times = 1): void {
    this.breakRequests(({ origin }) => origin === 'storage', fault, times);
  }

  /** Breaks the next `times` answers of the hub itself for files of this name. */
  breakHub(file: string, fault: Fault, times = 1): void {
    this.breakRequests(({ origin, path }) => origin === 'hub' && path.endsWith(`/${file}`), fault, times);
  }

  breakRequests(matches: (request: SeenRequest) => boolean, fault: Fault, times = 1): void {
    this.#faults.add(matches, fault, times);
  }

  /** What the storage was asked for. */
  get downloads(): readonly SeenRequest[] {
    return this.requests.filter(({ origin, method }) => origin === 'storage' && method === 'GET');
  }

  async close(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.close();
      server.closeAllConnections();
    }
  }

  #serve(origin: SeenRequest['origin']): Server {
    return createServer((incoming, response) => {
      this.#handle(origin, incoming, response).catch((error) => response.destroy(error));
    });
  }

  async #handle(
    origin: SeenRequest['origin'],
    { method = 'GET', url = '/', headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const request: SeenRequest = {
      origin,
      method,
      path: new URL(url, 'http://fake').pathname,
      authorization: headers.authorization,
      range: headers.range,
      ifRange: headers['if-range']?.toString(),
    };
    this.requests.push(request);
    const fault = this.#faults.take(request);
    const world = { repositories: this.#repositories, renamed: this.#renamed, storageUrl: this.storageUrl };
    const answer =
      origin === 'hub'
        ? withContent(answerAsHub(request, world), fault)
        : answerAsStorage(request, world.repositories, fault);
    await send(response, method, answer, fault);
  }
}

function withContent(answer: Answer, fault: Fault | undefined): Answer {
  if (!fault?.content || !answer.body || answer.status !== 200) return answer;
  const body = fault.content(answer.body);
  return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body };
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
