import type { World } from '../workspace/world.ts';

/** The Events API's wrapping around an event. */
export function eventCallback(world: World, event: { type: string }): object {
  const { app, ids, clock } = world;
  const channel = (event as { channel?: unknown }).channel;
  const context = [4, event.type, app.teamId, app.appId, typeof channel === 'string' ? channel : ''].join(
    '-',
  );
  return {
    token: app.verificationToken,
    team_id: app.teamId,
    context_team_id: app.teamId,
    context_enterprise_id: null,
    api_app_id: app.appId,
    event,
    type: 'event_callback',
    event_id: ids.id('Ev'),
    event_time: Math.floor(clock.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: app.teamId,
        user_id: app.botUser.id,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: context,
  };
}
