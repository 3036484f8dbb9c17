import type { World } from '../world/world.ts';

export interface RestRequest {
  /** By the names in the route: `/channels/:channel` gives `channel`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Without a body it must be a 204: Discord sends no content type then, and discord.js relies on it. */
export interface RestReply {
  readonly status: number;
  readonly body?: unknown;
}

export interface RestContext {
  readonly world: World;
  readonly gatewayUrl: string;
}

/** @throws ApiError */
export type Handler = (context: RestContext, request: RestRequest) => RestReply;

/** By method and path: `GET /channels/:channel`. */
export type RouteTable = Readonly<Record<string, Handler>>;

export function ok(body: unknown): RestReply {
  return { status: 200, body };
}

export const noContent: RestReply = { status: 204 };
