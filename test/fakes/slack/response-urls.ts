import { keepSecret } from '../confidential.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { blockProblems } from './text/block-limits.ts';
import { type Block, isBlock, objects } from './text/blocks.ts';
import { TEXT_LIMIT } from './web-api/text-limits.ts';
import type { ChannelRecord, MessageRecord, UserRecord } from './workspace/records.ts';
import type { World } from './workspace/world.ts';

interface ResponseUrl {
  readonly user: UserRecord;
  readonly channel: ChannelRecord;
  /** What `replace_original` and `delete_original` mean. */
  original: MessageRecord | undefined;
  readonly issuedAt: number;
  uses: number;
}

export interface ResponseUrlUse {
  readonly url: string;
  readonly body: JsonObject;
  readonly status: number;
  readonly error?: string;
}

/** Where commands, shortcuts and buttons are answered from outside: five uses in thirty minutes, no token. */
export class ResponseUrls {
  readonly #world: World;
  readonly #issued = new Map<string, ResponseUrl>();
  /** Every request, in order, the refused ones too. */
  readonly uses: ResponseUrlUse[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  issue(
    kind: 'commands' | 'actions' | 'app',
    user: UserRecord,
    channel: ChannelRecord,
    original: MessageRecord | undefined,
  ): string {
    const { ids, app, clock, origin } = this.#world;
    const path = `/${kind}/${app.teamId}/${clock.now()}/${keepSecret(ids.characters(24))}`;
    this.#issued.set(path, { user, channel, original, issuedAt: clock.now(), uses: 0 });
    return origin + path;
  }

  /** The answer in the acknowledgement itself, which is not one of the five uses. */
  acknowledge(url: string, body: JsonObject): void {
    const issued = this.#issued.get(new URL(url).pathname);
    if (issued !== undefined) this.#apply(issued, body);
  }

  use(path: string, body: unknown): { readonly status: number; readonly body: JsonObject } {
    const request = isJsonObject(body) ? body : {};
    const error = isJsonObject(body) ? this.#use(path, request) : 'invalid_payload';
    const status = error === undefined ? 200 : error === 'no_text' || error.startsWith('invalid') ? 400 : 404;
    this.uses.push({
      url: this.#world.origin + path,
      body: request,
      status,
      ...(error !== undefined && { error }),
    });
    this.#world.changes.notify();
    return { status, body: error === undefined ? { ok: true } : { ok: false, error } };
  }

  #use(path: string, body: JsonObject): string | undefined {
    const { clock, options } = this.#world;
    const issued = this.#issued.get(path);
    if (issued === undefined) return 'invalid_url';
    if (clock.now() - issued.issuedAt > options.responseUrls.lifetimeMs) return 'expired_url';
    if (issued.uses >= options.responseUrls.uses) return 'used_url';
    issued.uses += 1;
    return this.#apply(issued, body);
  }

  #apply(issued: ResponseUrl, body: JsonObject): string | undefined {
    const { messaging, app } = this.#world;
    const { original } = issued;
    if (body.delete_original === true) {
      if (original !== undefined && !original.deleted) messaging.remove(original);
      issued.original = undefined;
      return undefined;
    }
    const blocks: Block[] = objects(body.blocks).filter(isBlock);
    const text = typeof body.text === 'string' ? body.text.slice(0, TEXT_LIMIT) : '';
    if (text === '' && blocks.length === 0) return 'no_text';
    if (blockProblems(blocks).length > 0) return 'invalid_blocks';
    if (body.replace_original === true && original !== undefined && !original.deleted) {
      messaging.change(original, { how: 'replaced', text, blocks });
      return undefined;
    }
    const posted = messaging.post({
      channel: issued.channel,
      user: app.botUser,
      text,
      blocks,
      ...(body.response_type !== 'in_channel' && { ephemeralFor: issued.user.id }),
      ...(typeof body.thread_ts === 'string' && { threadTs: body.thread_ts }),
      ...(typeof body.unfurl_links === 'boolean' && { unfurlLinks: body.unfurl_links }),
      ...(typeof body.unfurl_media === 'boolean' && { unfurlMedia: body.unfurl_media }),
    });
    issued.original ??= posted;
    return undefined;
  }
}
