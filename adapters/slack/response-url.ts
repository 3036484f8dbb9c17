import { OutletError } from '../../bot/delivery/outlet-error.ts';
import type { MessageContent } from './message-blocks.ts';
import { outletRefusal } from './slack-failure.ts';

/** As long as the Web API's calls may take. */
const TIMEOUT_MS = 10_000;

export interface ResponseOptions {
  /** Only the person who asked sees it. */
  readonly privately: boolean;
  /** Takes the place of what was shown through this URL before, or of the message whose button was pressed. */
  readonly replace: boolean;
}

/**
 * Answers through the URL that came with a command, a shortcut or a button: five times within half an hour, wherever
 * the bot is a member or not.
 *
 * @throws OutletError
 */
export async function respond(url: string, content: MessageContent, options: ResponseOptions): Promise<void> {
  const what = 'an answer to a response URL';
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        ...content,
        response_type: options.privately ? 'ephemeral' : 'in_channel',
        replace_original: options.replace,
        unfurl_links: false,
        unfurl_media: false,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new OutletError('OUTLET_FAILED', `Slack did not take ${what}: it could not be reached.`, { cause });
  }
  if (response.ok) return;
  if (response.status === 429) {
    const seconds = Number(response.headers.get('retry-after')) || 1;
    throw outletRefusal({ code: 'ratelimited', retryAfterMs: seconds * 1000, doubtful: false }, what);
  }
  throw outletRefusal({ code: await codeOf(response), doubtful: false }, what);
}

async function codeOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // Whatever stands in front of Slack answered with a page: the status says enough.
  }
  return response.status === 404 ? 'expired_url' : `http_${response.status}`;
}
