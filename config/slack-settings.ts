import { address, choice, ids, shortWord, token, trueOrFalse, wholeNumber } from './kinds.ts';
import { setting } from './setting.ts';

const IDS = 'ids of Slack';

/** How the bot appears in Slack, and to whom. Ids stand at the end of a link that is copied in Slack. */
export const slackSettings = {
  SLACK_BOT_TOKEN: setting({
    section: 'slack',
    kind: token('the token that begins with xoxb-, from the page Install App of your app'),
    default: undefined,
    sentence: 'Connects the bot to Slack; without it the bot stays away from there.',
    secret: true,
  }),
  SLACK_APP_TOKEN: setting({
    section: 'slack',
    kind: token('the token that begins with xapp-, from the page Basic Information of your app'),
    default: undefined,
    sentence: 'Opens the connection on which Slack sends events (Socket Mode): no address is needed.',
    secret: true,
  }),
  SLACK_SIGNING_SECRET: setting({
    section: 'slack',
    kind: token('the signing secret from the page Basic Information of your app'),
    default: undefined,
    sentence: 'Instead of SLACK_APP_TOKEN: Slack calls the bot over HTTP, and this proves that it is Slack.',
    secret: true,
  }),
  SLACK_PORT: setting({
    section: 'slack',
    kind: wholeNumber({ min: 0, max: 65_535 }),
    // Bolt's own default, which its guides use.
    default: 3000,
    sentence: 'Where the bot listens for Slack, with SLACK_SIGNING_SECRET; the path is /slack/events.',
  }),
  SLACK_THREADS: setting({
    section: 'slack',
    kind: choice(['always', 'never']),
    default: 'always',
    sentence:
      'Whether a message is answered in a thread under it, or where it was written; only in threads does an answer stream.',
  }),
  SLACK_FOLLOW_THREADS: setting({
    section: 'slack',
    kind: trueOrFalse(),
    default: true,
    sentence: 'Whether further messages in a thread that the bot is part of are answered without a mention.',
  }),
  SLACK_COMMAND_PREFIX: setting({
    section: 'slack',
    kind: shortWord('a short word in small letters, like parley-'),
    default: '',
    sentence:
      'Stands before every slash command, where another app has taken a name: parley- makes /parley-ask.',
  }),
  SLACK_DIRECT_MESSAGES: setting({
    section: 'slack',
    kind: trueOrFalse(),
    default: true,
    sentence: 'Whether direct messages are answered.',
  }),
  SLACK_ALLOW_CHANNELS: setting({
    section: 'slack',
    kind: ids(IDS),
    default: [],
    sentence: 'The only channels in which the bot answers; none means all.',
  }),
  SLACK_DENY_CHANNELS: setting({
    section: 'slack',
    kind: ids(IDS),
    default: [],
    sentence: 'Channels in which the bot does not answer.',
  }),
  SLACK_ALLOW_USERS: setting({
    section: 'slack',
    kind: ids(IDS),
    default: [],
    sentence: 'The only people who may use the bot; none means everybody.',
  }),
  SLACK_DENY_USERS: setting({
    section: 'slack',
    kind: ids(IDS),
    default: [],
    sentence: 'People who may not use the bot.',
  }),
  SLACK_API_URL: setting({
    section: 'slack',
    kind: address('https://slack.com/api/'),
    default: 'https://slack.com/api/',
    sentence: 'Where the API is: another address is for tests and proxies.',
  }),
} as const;
