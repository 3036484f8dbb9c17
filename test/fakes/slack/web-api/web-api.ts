import type { IncomingMessage, ServerResponse } from 'node:http';
import type { World } from '../workspace/world.ts';
import { SlackApiError } from './api-error.ts';
import { Arguments } from './arguments.ts';
import { authorize } from './authorization.ts';
import { type ApiCall, readableArguments } from './call.ts';
import { type Failure, Faults } from './faults.ts';
import type { Method, Methods } from './method.ts';
import { RateLimiter } from './rate-limits.ts';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `/api/<method>`: faults first, then the token, the rate limit, and the method. */
export class WebApi {
  readonly calls: ApiCall[] = [];
  readonly faults = new Faults();
  readonly #world: World;
  readonly #methods: Methods;
  readonly #limiter: RateLimiter;

  constructor(world: World, methods: Methods) {
    this.#world = world;
    this.#methods = methods;
    this.#limiter = new RateLimiter(world.clock);
  }

  async handle(
    name: string,
    body: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const contentType = request.headers['content-type'] ?? '';
    const call: ApiCall = {
      method: name,
      args: argumentsFor(contentType, body),
      at: this.#world.clock.now(),
      status: undefined,
      ok: false,
    };
    this.calls.push(call);
    this.#world.changes.notify();
    await this.faults.pass(name);
    const failure = this.faults.next(name);
    const done = () => this.#answer(call, contentType, body, request.headers.authorization);
    await this.#reply(call, failure, done, response);
    this.#world.changes.notify();
  }

  async #reply(
    call: ApiCall,
    failure: Failure | undefined,
    done: () => Answer,
    response: ServerResponse,
  ): Promise<void> {
    switch (failure?.kind) {
      case 'error':
        write(call, response, refusal(new SlackApiError(failure.error, failure.details)));
        break;
      case 'rate-limit':
        write(call, response, rateLimited(failure.retryAfterSeconds));
        break;
      case 'status':
        write(call, response, { status: failure.status, body: failure.body ?? '' });
        break;
      case 'cut':
        cut(call, response, failure.when === 'before' ? undefined : done(), failure.when === 'mid-answer');
        break;
      case 'slow': {
        const answer = done();
        this.#world.changes.notify();
        await new Promise<void>((resolve) => {
          this.#world.clock.after(failure.milliseconds, resolve);
        });
        write(call, response, answer);
        break;
      }
      default:
        write(call, response, done());
    }
  }

  #answer(call: ApiCall, contentType: string, body: string, header: string | undefined): Answer {
    const { app } = this.#world;
    const method = this.#methods[call.method];
    try {
      if (method === undefined) throw new SlackApiError('unknown_method');
      const json = contentType.startsWith('application/json');
      const args = json && method.formOnly === true ? new Arguments({}) : Arguments.parse(contentType, body);
      authorize(app, method, args, header);
      const retryAfter = this.#limit(call.method, method, args);
      if (retryAfter > 0) return rateLimited(retryAfter);
      const result = method.run(this.#world, args);
      return {
        status: 200,
        headers: scopeHeaders(app.scopes, method),
        body: JSON.stringify({ ok: true, ...result }),
      };
    } catch (error) {
      if (error instanceof SlackApiError) return refusal(error);
      throw error;
    }
  }

  #limit(name: string, method: Method, args: Arguments): number {
    const { rateLimits } = this.#world.options;
    if (rateLimits === 'off') return 0;
    return this.#limiter.take(name, rateLimits[name] ?? method.limit, args.text('channel'));
  }
}

function argumentsFor(contentType: string, body: string) {
  try {
    return readableArguments(Arguments.parse(contentType, body).values);
  } catch {
    return {};
  }
}

function refusal(error: SlackApiError): Answer {
  return { status: 200, body: JSON.stringify({ ok: false, error: error.code, ...error.details }) };
}

function rateLimited(retryAfterSeconds: number): Answer {
  return {
    status: 429,
    headers: { 'retry-after': String(retryAfterSeconds) },
    body: JSON.stringify({ ok: false, error: 'ratelimited' }),
  };
}

function scopeHeaders(scopes: readonly string[], method: Method) {
  return { 'x-oauth-scopes': scopes.join(','), 'x-accepted-oauth-scopes': method.scopes.join(',') };
}

function write(call: ApiCall, response: ServerResponse, answer: Answer): void {
  note(call, answer);
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(answer.body),
    ...answer.headers,
  });
  response.end(answer.body);
}

/** Ends the connection without an answer, or with half of one. */
function cut(call: ApiCall, response: ServerResponse, answer: Answer | undefined, midAnswer: boolean): void {
  call.status = 0;
  if (answer === undefined || !midAnswer) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(answer.body),
  });
  response.write(answer.body.slice(0, Math.floor(answer.body.length / 2)), () => response.socket?.destroy());
}

function note(call: ApiCall, answer: Answer): void {
  call.status = answer.status;
  const parsed = answer.body.startsWith('{')
    ? (JSON.parse(answer.body) as { ok?: boolean; error?: string })
    : {};
  call.ok = answer.status === 200 && parsed.ok === true;
  if (parsed.error !== undefined) call.error = parsed.error;
}
