import { RESTJSONErrorCodes as Codes, DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { OutletError, type OutletErrorCode } from '../../bot/delivery/outlet-error.ts';

/** Discord's refusals that mean more than their HTTP status says. */
const MEANINGS: Readonly<Record<number, OutletErrorCode>> = {
  // Archived threads take new messages, which wake them, but no edits.
  [Codes.InvalidActionOnArchivedThread]: 'OUTLET_EXPIRED',
  [Codes.InvalidWebhookToken]: 'OUTLET_EXPIRED',
  [Codes.UnknownWebhook]: 'OUTLET_EXPIRED',
};

/** What a failed call means for delivery. */
export function toOutletError(error: unknown): OutletError {
  if (error instanceof OutletError) return error;
  if (error instanceof RateLimitError) {
    const retryAfterMs = Math.max(error.retryAfter, error.sublimitTimeout, 0);
    const message = `Discord takes no more calls of ${error.method} ${error.route} for ${retryAfterMs} ms`;
    return new OutletError('OUTLET_RATE_LIMITED', message, { cause: error, retryAfterMs });
  }
  if (error instanceof DiscordAPIError) {
    const message = `Discord refused: ${error.message} (${error.code})`;
    return new OutletError(codeOf(error), message, { cause: error });
  }
  const what = error instanceof HTTPError ? `answered ${error.status}` : 'did not answer';
  return new OutletError('OUTLET_FAILED', `Discord ${what}`, { cause: error });
}

/** An error as the log may have it: those of discord.js carry an address, and with it an interaction's token. */
export function withoutAddress(error: unknown): unknown {
  const called = [DiscordAPIError, HTTPError, RateLimitError].some((kind) => error instanceof kind);
  return called ? toOutletError(error) : error;
}

/** The bot lacks a permission, may not even look, or somebody has closed their direct messages. */
export function isDenied(error: unknown): boolean {
  if (!(error instanceof DiscordAPIError)) return false;
  const { MissingPermissions, MissingAccess, CannotSendMessagesToThisUser } = Codes;
  return [MissingPermissions, MissingAccess, CannotSendMessagesToThisUser].includes(Number(error.code));
}

/** The token of an interaction does no more: it is too old, or was never acknowledged. */
export function isTokenOver(error: unknown): boolean {
  if (!(error instanceof DiscordAPIError)) return false;
  return error.code === Codes.InvalidWebhookToken || error.code === Codes.UnknownWebhook;
}

function codeOf(error: DiscordAPIError): OutletErrorCode {
  const meaning = MEANINGS[Number(error.code)];
  if (meaning) return meaning;
  if (error.status >= 500) return 'OUTLET_FAILED';
  return isTooLong(error) ? 'OUTLET_TOO_LONG' : 'OUTLET_GONE';
}

function isTooLong({ code, rawError }: DiscordAPIError): boolean {
  return (
    code === Codes.InvalidFormBodyOrContentType && JSON.stringify(rawError).includes('BASE_TYPE_MAX_LENGTH')
  );
}
