import { type APIApplication, ApplicationFlags } from 'discord.js';
import { guildJson } from '../../wire/guild-json.ts';
import { memberJson, userJson } from '../../wire/user-json.ts';
import type { GuildRecord } from '../../world/records.ts';
import type { World } from '../../world/world.ts';
import { ApiError } from '../api-error.ts';
import { ok, type RouteTable } from '../route.ts';

/** Sessions that a bot may begin in a day. */
const sessionStartLimit = { total: 1000, remaining: 999, reset_after: 86_400_000, max_concurrency: 1 };

/** Who the bot is, where to connect, whom and which servers it knows. */
export const identityRoutes = {
  'GET /gateway': ({ gatewayUrl }) => ok({ url: gatewayUrl }),
  'GET /gateway/bot': ({ gatewayUrl }) =>
    ok({ url: gatewayUrl, shards: 1, session_start_limit: sessionStartLimit }),

  'GET /users/@me': ({ world }) => ok({ ...userJson(world.user(world.botId)), verified: true, email: null }),
  'GET /users/:user': ({ world }, { params }) => ok(userJson(world.user(params.user ?? ''))),
  'GET /users/@me/guilds': ({ world }) =>
    ok([...world.guilds.values()].filter((guild) => guild.members.has(world.botId)).map(guildJson)),

  'GET /applications/@me': ({ world }) => ok(applicationJson(world)),
  'GET /oauth2/applications/@me': ({ world }) => ok(applicationJson(world)),

  'GET /guilds/:guild': ({ world }, { params }) => ok(guildJson(guildForBot(world, params.guild))),
  'GET /guilds/:guild/members/:user': ({ world }, { params }) => {
    const guild = guildForBot(world, params.guild);
    const member = world.member(guild, params.user ?? '');
    return ok(memberJson(member, world.user(member.userId)));
  },
} satisfies RouteTable;

/** Small bots get the `…Limited` flags when a switch is on: allowed without review, up to 100 servers. */
export function applicationFlags(world: World): number {
  const { messageContent, guildMembers, presences } = world.application.privileged;
  return (
    ApplicationFlags.ApplicationCommandBadge |
    (messageContent ? ApplicationFlags.GatewayMessageContentLimited : 0) |
    (guildMembers ? ApplicationFlags.GatewayGuildMembersLimited : 0) |
    (presences ? ApplicationFlags.GatewayPresenceLimited : 0)
  );
}

function applicationJson(world: World): APIApplication {
  const { id, name, ownerId } = world.application;
  const flags = applicationFlags(world);
  return {
    id,
    name,
    icon: null,
    description: '',
    summary: '',
    bot: userJson(world.user(world.botId)),
    owner: userJson(world.user(ownerId)),
    team: null,
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags,
    flags_new: String(flags),
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    integration_types_config: { 0: {} },
    approximate_guild_count: world.guilds.size,
  };
}

function guildForBot(world: World, id: string | undefined): GuildRecord {
  const guild = world.guilds.get(id ?? '');
  if (!guild) throw new ApiError('unknownGuild');
  if (!guild.members.has(world.botId)) throw new ApiError('missingAccess');
  return guild;
}
