import type { SocketTransport } from '../delivery/socket-transport.ts';
import { SlackApiError } from './api-error.ts';
import type { Methods } from './method.ts';
import { TIER_4 } from './rate-limits.ts';

/** Socket Mode's way in; an app in HTTP mode has none. */
export function connectionMethods(sockets: SocketTransport | undefined): Methods {
  return {
    'apps.connections.open': {
      scopes: [],
      token: 'app',
      limit: TIER_4,
      run: () => {
        if (sockets === undefined) throw new SlackApiError('not_allowed', { detail: 'Socket Mode is off' });
        return { url: sockets.issueUrl() };
      },
    },
  };
}
