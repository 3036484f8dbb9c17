import type { RouteTable } from '../route.ts';
import { channelRoutes } from './channel-routes.ts';
import { commandRoutes } from './command-routes.ts';
import { identityRoutes } from './identity-routes.ts';
import { interactionRoutes } from './interaction-routes.ts';
import { messageRoutes } from './message-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** Everything that the server answers; anything else is a 404 that the request log shows. */
export const allRoutes = {
  ...identityRoutes,
  ...channelRoutes,
  ...messageRoutes,
  ...interactionRoutes,
  ...webhookRoutes,
  ...commandRoutes,
} satisfies RouteTable;

export type RouteName = keyof typeof allRoutes;
