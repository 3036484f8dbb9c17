import { address, choice, id, ids, token, trueOrFalse } from './kinds.ts';
import { setting } from './setting.ts';

const IDS = 'ids of Discord';

/** How the bot appears in Discord, and to whom. Ids are copied in Discord's developer mode. */
export const discordSettings = {
  DISCORD_TOKEN: setting({
    section: 'discord',
    kind: token('the token from the page Bot of your application'),
    default: undefined,
    sentence: 'Connects the bot to Discord; without it the bot stays away from there.',
    secret: true,
  }),
  DISCORD_GUILD_ID: setting({
    section: 'discord',
    kind: id('the id of a server'),
    default: undefined,
    sentence: 'Registers the commands in this one server, where they appear at once, instead of everywhere.',
  }),
  DISCORD_THREADS: setting({
    section: 'discord',
    kind: choice(['never', 'auto', 'always']),
    default: 'never',
    sentence:
      'When a mention in a channel is answered in a thread of its own; auto is when somebody replies to an answer.',
  }),
  DISCORD_MESSAGE_CONTENT: setting({
    section: 'discord',
    kind: trueOrFalse(),
    default: true,
    sentence:
      'Whether to read messages that do not mention the bot, as far as the Message Content Intent is switched on.',
  }),
  DISCORD_DIRECT_MESSAGES: setting({
    section: 'discord',
    kind: trueOrFalse(),
    default: true,
    sentence: 'Whether direct messages are answered.',
  }),
  DISCORD_ALLOW_SERVERS: setting({
    section: 'discord',
    kind: ids(IDS),
    default: [],
    sentence: 'The only servers in which the bot answers; none means all.',
  }),
  DISCORD_DENY_SERVERS: setting({
    section: 'discord',
    kind: ids(IDS),
    default: [],
    sentence: 'Servers in which the bot does not answer.',
  }),
  DISCORD_ALLOW_CHANNELS: setting({
    section: 'discord',
    kind: ids(IDS),
    default: [],
    sentence:
      'The only channels or categories in which the bot answers, their threads included; none means all.',
  }),
  DISCORD_DENY_CHANNELS: setting({
    section: 'discord',
    kind: ids(IDS),
    default: [],
    sentence: 'Channels or categories in which the bot does not answer, their threads included.',
  }),
  DISCORD_ALLOW_ROLES: setting({
    section: 'discord',
    kind: ids(IDS),
    default: [],
    sentence:
      'Roles that may use the bot, beside the people in DISCORD_ALLOW_USERS; none in both means everybody.',
  }),
  DISCORD_DENY_ROLES: setting({
    section: 'discord',
    kind: ids(IDS),
    default: [],
    sentence: 'Roles that may not use the bot.',
  }),
  DISCORD_ALLOW_USERS: setting({
    section: 'discord',
    kind: ids(IDS),
    default: [],
    sentence:
      'People who may use the bot, beside the roles in DISCORD_ALLOW_ROLES; none in both means everybody.',
  }),
  DISCORD_DENY_USERS: setting({
    section: 'discord',
    kind: ids(IDS),
    default: [],
    sentence: 'People who may not use the bot.',
  }),
  DISCORD_API_URL: setting({
    section: 'discord',
    kind: address('https://discord.com/api'),
    default: 'https://discord.com/api',
    sentence: 'Where the API is: another address is for tests and proxies.',
  }),
} as const;
