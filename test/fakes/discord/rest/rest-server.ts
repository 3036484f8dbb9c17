import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Activity } from '../activity.ts';
import { isSnowflake } from '../snowflakes.ts';
import type { World } from '../world/world.ts';
import { type Answer, drop, failure, jsonAnswer, send, tooManyRequests } from './answer.ts';
import { ApiError } from './api-error.ts';
import type { AttachmentStore } from './attachment-store.ts';
import type { Fault, Faults } from './faults.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RequestEntry, RequestLog } from './request-log.ts';
import type { Handler, RestContext } from './route.ts';
import { type Match, Router } from './router.ts';
import { allRoutes, type RouteName } from './routes/all-routes.ts';

const prefix = '/api/v10';
const hourMs = 60 * 60_000;

/** Addresses with an interaction's token in them need no other authorisation. */
const needsNoToken = /^[A-Z]+ \/(?:interactions|webhooks)\//;

export interface RestParts {
  readonly world: World;
  readonly activity: Activity;
  readonly limits: RateLimits;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly attachments: AttachmentStore;
  readonly gatewayUrl: () => string;
}

/** One HTTP request after the other: authorisation, faults, rate limits, then the route. */
export class RestServer {
  readonly #parts: RestParts;
  readonly #router = new Router(Object.keys(allRoutes) as RouteName[]);

  constructor(parts: RestParts) {
    this.#parts = parts;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://loopback');
    const text = await read(request);
    if (pathname.startsWith('/attachments/')) {
      await this.#download(pathname + search, response);
      return;
    }
    const method = request.method ?? 'GET';
    const path = pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : undefined;
    const match = path === undefined ? undefined : this.#router.find(method, path);
    const body = parsed(text, request.headers['content-type']);
    const entry = this.#parts.log.add({
      at: this.#parts.world.clock.now(),
      method,
      path: path ?? pathname,
      params: match?.params ?? {},
      body,
      ...(match ? { route: match.route } : {}),
    });
    this.#parts.activity.happened();
    const fault = match ? this.#parts.faults.take(match.route) : undefined;
    const how = fault?.reset ? 'reset' : 'end';
    if (fault?.cut === 'before') {
      drop(response, how);
      return;
    }
    const answer = this.#answer(match, request.headers.authorization, searchParams, body, fault);
    if (fault?.until) await fault.until;
    if (fault?.cut === 'after') {
      drop(response, how);
      return;
    }
    this.#settle(entry, answer);
    send(response, answer, fault?.cut === 'middle' ? how : undefined);
  }

  #answer(
    match: Match<RouteName> | undefined,
    authorization: string | undefined,
    query: URLSearchParams,
    body: unknown,
    fault: Fault | undefined,
  ): Answer {
    const { world, limits } = this.#parts;
    let headers: Readonly<Record<string, string>> = {};
    try {
      if (!match) throw new ApiError('notFound');
      if (!needsNoToken.test(match.route) && authorization !== `Bot ${world.application.token}`) {
        throw new ApiError('unauthorized');
      }
      if (fault?.status === 429) {
        const { retryAfter = 1, scope = 'user' } = fault;
        return tooManyRequests({ retryAfterMs: retryAfter * 1000, scope });
      }
      if (fault?.status !== undefined && !fault.applied) return failure(fault.status);
      const verdict = limits.take(match.route, match.majorParameter);
      headers = verdict.headers;
      const limited = verdict.limited ?? this.#oldEdit(match);
      if (limited) return tooManyRequests(limited, headers);
      refuseMalformedIds(match);
      const handler: Handler = allRoutes[match.route];
      const context: RestContext = { world, gatewayUrl: this.#parts.gatewayUrl() };
      const reply = handler(context, { params: match.params, query, body });
      if (fault?.status !== undefined) return failure(fault.status);
      return reply.body === undefined
        ? { status: reply.status, headers }
        : jsonAnswer(reply.status, reply.body, headers);
    } catch (error) {
      if (error instanceof ApiError) return jsonAnswer(error.status, error, headers);
      // A bug of the fake: no client may take it for Discord's doing.
      console.error(error);
      return jsonAnswer(501, { message: `The fake server failed: ${String(error)}`, code: 0 });
    }
  }

  /** Discord is stricter about edits of messages older than an hour. */
  #oldEdit({ route, params }: Match<RouteName>) {
    if (route !== 'PATCH /channels/:channel/messages/:message') return undefined;
    const { world, limits } = this.#parts;
    const message = world.channels.get(params.channel ?? '')?.messages.get(params.message ?? '');
    const isOld = message && world.clock.now() - message.createdAt > hourMs;
    return isOld ? limits.takeOldEdit(message.channelId) : undefined;
  }

  async #download(address: string, response: ServerResponse): Promise<void> {
    const fault = this.#parts.faults.take('download');
    const how = fault?.reset ? 'reset' : 'end';
    if (fault?.until) await fault.until;
    if (fault?.cut === 'before' || fault?.cut === 'after') {
      drop(response, how);
      return;
    }
    const file = this.#parts.attachments.find(address);
    const status = fault?.status ?? (file ? 200 : 404);
    const answer: Answer =
      status === 200 && file
        ? { status, headers: { 'Content-Type': file.contentType }, body: file.data }
        : { status, headers: { 'Content-Type': 'text/plain' }, body: 'This content is no longer available.' };
    send(response, answer, fault?.cut === 'middle' ? how : undefined);
  }

  #settle(entry: RequestEntry, answer: Answer): void {
    entry.status = answer.status;
    if (answer.status >= 400 && answer.headers['Content-Type'] === 'application/json') {
      entry.code = JSON.parse(String(answer.body)).code;
    }
    this.#parts.activity.happened();
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string, contentType: string | undefined): unknown {
  if (text === '') return undefined;
  // Uploads are not modelled: this makes the message forms refuse them and say so.
  if (contentType?.startsWith('multipart/form-data')) return { attachments: ['multipart'] };
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Ids that are no snowflakes are a form error, before anything is looked up. */
function refuseMalformedIds({ params }: Match<RouteName>): void {
  for (const [name, value] of Object.entries(params)) {
    if (name === 'token' || value === '@original' || isSnowflake(value)) continue;
    throw new ApiError('invalidForm', [
      { path: [`${name}_id`], code: 'NUMBER_TYPE_COERCE', message: `Value "${value}" is not snowflake.` },
    ]);
  }
}
