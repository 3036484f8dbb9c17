import { isJsonObject, type Json } from '../json.ts';
import type { World } from '../workspace/world.ts';
import type { Attempt, Delivery, DeliveryKind } from './delivery.ts';
import { sign } from './signature.ts';
import type { Outcome, Transport } from './transport.ts';

/** How a request to the bot is signed, where it is to differ from Slack's own way. */
export interface Forgery {
  readonly secret?: string;
  /** Seconds since the epoch. */
  readonly timestamp?: number;
  /** The header as it is, instead of a computed one; `absent` leaves both headers out. */
  readonly signature?: string | 'absent';
}

export interface BotAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly noRetry: boolean;
}

/** HTTP mode: posts to the bot's request URL, signed. */
export class HttpTransport implements Transport {
  readonly timeoutReason = 'http_timeout';
  readonly #world: World;
  readonly #stopping = new AbortController();
  #requestUrl: string | undefined;
  #lastRequestUrl = '';

  constructor(world: World) {
    this.#world = world;
  }

  get ready(): boolean {
    return this.#requestUrl !== undefined;
  }

  /**
   * What an owner does in the app's settings: Slack asks the URL for a challenge and keeps it when the answer is right.
   *
   * @throws Error when the bot does not answer the challenge.
   */
  async verifyRequestUrl(url: string): Promise<void> {
    const { app, ids, deliveries } = this.#world;
    const challenge = ids.characters(40);
    const payload = { token: app.verificationToken, challenge, type: 'url_verification' };
    const answer = await this.post(url, 'events_api', payload);
    if (answer.status !== 200 || !answer.body.includes(challenge)) {
      throw new Error(`The request URL answered the challenge with ${answer.status} ${answer.body}`);
    }
    this.#requestUrl = url;
    this.#lastRequestUrl = url;
    deliveries.connected();
  }

  /** Nothing is sent from now on; what comes up waits. */
  goOffline(): void {
    this.#requestUrl = undefined;
  }

  /** Sends again, with what waited first. */
  goOnline(): void {
    this.#requestUrl = this.#lastRequestUrl;
    this.#world.deliveries.connected();
  }

  /** One request to the verified URL, outside any delivery: forged, replayed, or junk. */
  request(kind: DeliveryKind, payload: object, forgery: Forgery = {}): Promise<BotAnswer> {
    return this.post(this.#lastRequestUrl, kind, payload, forgery);
  }

  send(delivery: Delivery, attempt: Attempt, settle: (outcome: Outcome) => void): void {
    if (this.#requestUrl === undefined) {
      settle({ kind: 'offline' });
      return;
    }
    const retry: Record<string, string> =
      attempt.number === 0
        ? {}
        : { 'x-slack-retry-num': String(attempt.number), 'x-slack-retry-reason': attempt.reason };
    this.post(this.#requestUrl, delivery.kind, delivery.payload, {}, retry).then(
      (answer) => settle(outcomeOf(answer)),
      () => settle({ kind: 'refused', reason: 'connection_failed', noRetry: false }),
    );
  }

  async post(
    url: string,
    kind: DeliveryKind,
    payload: object,
    forgery: Forgery = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<BotAnswer> {
    const body = kind === 'events_api' ? JSON.stringify(payload) : formOf(kind, payload);
    const contentType = kind === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded';
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        ...this.#signatureHeaders(body, forgery),
        ...headers,
      },
      body,
      redirect: 'manual',
      signal: this.#stopping.signal,
    });
    return {
      status: response.status,
      body: await response.text(),
      contentType: response.headers.get('content-type') ?? '',
      noRetry: response.headers.get('x-slack-no-retry') === '1',
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
  }

  #signatureHeaders(body: string, forgery: Forgery): Record<string, string> {
    if (forgery.signature === 'absent') return {};
    // The bot checks against its own clock, so this is real time, however far the fake's clock was pushed.
    const timestamp = forgery.timestamp ?? Math.floor(Date.now() / 1000);
    const secret = forgery.secret ?? this.#world.app.signingSecret;
    return {
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': forgery.signature ?? sign(secret, timestamp, body),
    };
  }
}

function formOf(kind: DeliveryKind, payload: object): string {
  if (kind === 'interactive') return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const fields = Object.entries(payload).filter(([, value]) => value !== undefined);
  return new URLSearchParams(
    fields.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

function outcomeOf(answer: BotAnswer): Outcome {
  if (answer.status < 200 || answer.status > 299) {
    return { kind: 'refused', reason: 'http_error', status: answer.status, noRetry: answer.noRetry };
  }
  const response = responseOf(answer);
  return response === undefined ? { kind: 'acknowledged' } : { kind: 'acknowledged', response };
}

function responseOf(answer: BotAnswer): Json | undefined {
  if (answer.body === '') return undefined;
  if (!answer.contentType.startsWith('application/json')) return { text: answer.body };
  const parsed: unknown = JSON.parse(answer.body);
  return isJsonObject(parsed) ? (parsed as Json) : undefined;
}
