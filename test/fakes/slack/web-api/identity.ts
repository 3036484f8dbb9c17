import type { UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { SlackApiError } from './api-error.ts';
import { type Methods, userOf } from './method.ts';
import { TIER_3, TIER_4 } from './rate-limits.ts';

/** Who the token is, who people and bots are, and which workspace this is. */
export const identityMethods: Methods = {
  'auth.test': {
    scopes: [],
    token: 'bot',
    limit: { calls: 600, perMs: 60_000, scope: 'workspace' },
    run: ({ app }) => ({
      url: `https://${app.teamDomain}.slack.com/`,
      team: app.teamName,
      user: app.botUser.name,
      team_id: app.teamId,
      user_id: app.botUser.id,
      bot_id: app.botId,
      is_enterprise_install: false,
    }),
  },
  'users.info': {
    scopes: ['users:read'],
    token: 'bot',
    limit: TIER_4,
    formOnly: true,
    run: (world, args) => ({ user: userObject(world, userOf(world, args.required('user'))) }),
  },
  'bots.info': {
    scopes: ['users:read'],
    token: 'bot',
    limit: TIER_3,
    formOnly: true,
    run: (world, args) => {
      const bot = [...world.workspace.users.values()].find((user) => user.botId === args.required('bot'));
      if (bot === undefined) throw new SlackApiError('bot_not_found');
      return {
        bot: {
          id: bot.botId ?? '',
          deleted: false,
          name: bot.realName,
          updated: 0,
          app_id: bot.appId ?? '',
          user_id: bot.id,
          icons: {},
        },
      };
    },
  },
  'team.info': {
    scopes: ['team:read'],
    token: 'bot',
    limit: TIER_3,
    formOnly: true,
    run: ({ app }) => ({
      team: {
        id: app.teamId,
        name: app.teamName,
        url: `https://${app.teamDomain}.slack.com/`,
        domain: app.teamDomain,
        email_domain: '',
        icon: { image_default: true },
      },
    }),
  },
};

function userObject(world: World, user: UserRecord) {
  const bot = user.botId !== undefined;
  return {
    id: user.id,
    team_id: world.app.teamId,
    name: user.name,
    deleted: false,
    real_name: user.realName,
    tz: 'Europe/London',
    profile: {
      real_name: user.realName,
      real_name_normalized: user.realName,
      // People may leave the display name empty; Slack then shows the real name.
      display_name: bot ? '' : user.name,
      display_name_normalized: bot ? '' : user.name,
      ...(bot && { bot_id: user.botId ?? '', api_app_id: user.appId ?? '' }),
      team: world.app.teamId,
    },
    is_admin: user.admin === true,
    is_owner: false,
    is_restricted: user.guest === true,
    is_ultra_restricted: false,
    is_bot: bot,
    is_app_user: false,
    updated: 0,
  };
}
