import type { InstalledApp } from '../workspace/installed-app.ts';
import { SlackApiError } from './api-error.ts';
import type { Arguments } from './arguments.ts';
import type { Method } from './method.ts';

/**
 * Whether the call's token may do this.
 *
 * @throws SlackApiError `not_authed`, `invalid_auth`, `account_inactive`, `not_allowed_token_type`, `missing_scope`.
 */
export function authorize(
  app: InstalledApp,
  method: Method,
  args: Arguments,
  header: string | undefined,
): void {
  const token = header?.replace(/^Bearer /, '') || args.text('token');
  if (token === undefined || token === '') throw new SlackApiError('not_authed');
  if (token !== app.botToken && token !== app.appToken) throw new SlackApiError('invalid_auth');
  if (app.refusal !== undefined) throw new SlackApiError(app.refusal);
  if ((token === app.appToken) !== (method.token === 'app'))
    throw new SlackApiError('not_allowed_token_type');
  const fits = method.scopes.length === 0 || method.scopes.some((scope) => app.scopes.includes(scope));
  if (!fits) {
    throw new SlackApiError('missing_scope', {
      needed: method.scopes.join(','),
      provided: app.scopes.join(','),
    });
  }
}
