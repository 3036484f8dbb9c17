import type { AccessRules } from '../../bot/permissions.ts';
import type { Config } from '../../config/config.ts';
import type { SlackOptions } from './slack-adapter.ts';
import type { Transport } from './slack-app.ts';
import { SlackError } from './slack-error.ts';

/** Slack's user groups are no roles, and one installation is one workspace. */
const ANY = { allow: [], deny: [] };

/** Who may use the bot in Slack, as the settings say. */
export function slackAccess(config: Config): AccessRules {
  return {
    workspaces: ANY,
    channels: { allow: config.slackAllowChannels, deny: config.slackDenyChannels },
    roles: ANY,
    users: { allow: config.slackAllowUsers, deny: config.slackDenyUsers },
    directMessages: config.slackDirectMessages,
  };
}

type FromSettings = 'apiUrl' | 'botToken' | 'commandPrefix' | 'follow' | 'inThreads' | 'transport';

/** Whether the settings speak of Slack at all. */
export function isSlackMeant({ slackBotToken, slackAppToken }: Config): boolean {
  return slackBotToken !== undefined || slackAppToken !== undefined;
}

/** The adapter's options, as the settings say; undefined without tokens, and `SLACK_SETTINGS` when one of two is missing. */
export function slackOptions(config: Config): Pick<SlackOptions, FromSettings> | SlackError | undefined {
  const { slackBotToken: botToken } = config;
  const transport = transportOf(config);
  if (!isSlackMeant(config)) return undefined;
  if (botToken === undefined) {
    return new SlackError(
      'SLACK_SETTINGS',
      'SLACK_BOT_TOKEN is missing. Copy the token that begins with xoxb- from the page Install App at https://api.slack.com/apps.',
    );
  }
  if (transport === undefined) {
    return new SlackError(
      'SLACK_SETTINGS',
      'SLACK_APP_TOKEN is missing. Make one with connections:write on the page Basic Information, App-Level Tokens, at https://api.slack.com/apps; or set SLACK_SIGNING_SECRET to be called over HTTP.',
    );
  }
  return {
    botToken,
    transport,
    apiUrl: config.slackApiUrl,
    inThreads: config.slackThreads === 'always',
    follow: config.slackFollowThreads,
    commandPrefix: config.slackCommandPrefix,
  };
}

/** Socket Mode where there is a token for it: it needs no address that Slack could call. */
function transportOf({ slackAppToken, slackSigningSecret, slackPort }: Config): Transport | undefined {
  if (slackAppToken !== undefined) return { kind: 'socket', appToken: slackAppToken };
  if (slackSigningSecret === undefined) return undefined;
  return { kind: 'http', signingSecret: slackSigningSecret, port: slackPort };
}
