import { webApi } from '@slack/bolt';
import { OutletError, type OutletErrorCode } from '../../bot/delivery/outlet-error.ts';

/** What Slack said to a call, whatever class the SDK made of it. */
export interface Refusal {
  /** Slack's own code (`channel_not_found`), `ratelimited`, or `unreachable` where nothing was said. */
  readonly code: string;
  readonly retryAfterMs?: number;
  /** Nobody knows whether the call was carried out: the connection was cut, or the answer was no answer. */
  readonly doubtful: boolean;
}

/**
 * What whoever runs the bot can do about a refusal. `docs/slack.md` has the same in more words; a test compares.
 */
export const MENDS: Readonly<Record<string, string>> = {
  invalid_auth:
    'Copy the token again from https://api.slack.com/apps: SLACK_BOT_TOKEN (xoxb-…) is under OAuth & Permissions, SLACK_APP_TOKEN (xapp-…) under Basic Information, App-Level Tokens.',
  not_authed: 'The token is empty. Set SLACK_BOT_TOKEN, and SLACK_APP_TOKEN for Socket Mode.',
  account_inactive:
    'The app was uninstalled, or its workspace is gone. Install it again under Install App and copy the new token.',
  token_revoked: 'The token was revoked. Install the app again under Install App and copy the new token.',
  not_allowed_token_type:
    'The two tokens are swapped: SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-.',
  missing_scope:
    'The app lacks a permission. Compare its manifest with `npm run slack:manifest`, then reinstall it under Install App.',
  not_allowed: 'Switch Socket Mode on under Socket Mode, or set SLACK_SIGNING_SECRET to be called over HTTP.',
  not_in_channel: 'Invite the bot to the channel: /invite @parley',
  channel_not_found: 'Invite the bot to the channel, if it is a private one: /invite @parley',
  is_archived: 'The channel is archived: nobody can write there.',
  unreachable: 'Slack could not be reached. Look at the network, the proxy and https://slack-status.com.',
};

const KINDS: Readonly<Record<string, OutletErrorCode>> = {
  ratelimited: 'OUTLET_RATE_LIMITED',
  msg_too_long: 'OUTLET_TOO_LONG',
  msg_blocks_too_long: 'OUTLET_TOO_LONG',
  message_not_found: 'OUTLET_GONE',
  cant_update_message: 'OUTLET_EXPIRED',
  edit_window_closed: 'OUTLET_EXPIRED',
  account_inactive: 'OUTLET_GONE',
  cannot_reply_to_message: 'OUTLET_GONE',
  channel_not_found: 'OUTLET_GONE',
  expired_url: 'OUTLET_GONE',
  invalid_auth: 'OUTLET_GONE',
  invalid_url: 'OUTLET_GONE',
  is_archived: 'OUTLET_GONE',
  missing_scope: 'OUTLET_GONE',
  not_authed: 'OUTLET_GONE',
  not_in_channel: 'OUTLET_GONE',
  restricted_action: 'OUTLET_GONE',
  thread_not_found: 'OUTLET_GONE',
  token_revoked: 'OUTLET_GONE',
  used_url: 'OUTLET_GONE',
  user_not_in_channel: 'OUTLET_GONE',
};

/** Slack's way to say that it is Slack that has failed. */
const TROUBLES = new Set(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']);

export function refusalOf(error: unknown): Refusal {
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return { code: 'ratelimited', retryAfterMs: error.retryAfter * 1000, doubtful: false };
  }
  if (error instanceof webApi.WebAPIPlatformError) {
    const code = error.data.error;
    return { code, doubtful: TROUBLES.has(code) };
  }
  return { code: 'unreachable', doubtful: true };
}

/** A refusal in delivery's terms. `what` was tried, for the log. */
export function outletError(error: unknown, what: string): OutletError {
  if (error instanceof OutletError) return error;
  const refusal = refusalOf(error);
  return outletRefusal(refusal, what, error);
}

export function outletRefusal({ code, retryAfterMs }: Refusal, what: string, cause?: unknown): OutletError {
  const message = `Slack did not take ${what} (${code}). ${MENDS[code] ?? ''}`.trimEnd();
  return new OutletError(KINDS[code] ?? 'OUTLET_FAILED', message, {
    cause,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
