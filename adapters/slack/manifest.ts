import { type Command, commandsFor, usage } from '../../bot/commands.ts';
import { SUGGESTED_PROMPTS } from './agent-view.ts';
import { slackName } from './command-name.ts';
import { SHORTCUTS } from './shortcuts.ts';

/** What the bot may do in a workspace, and what for. */
export const SCOPES: Readonly<Record<string, string>> = {
  'app_mentions:read': 'to hear when it is mentioned',
  'assistant:write': 'to show that it is thinking, and to suggest prompts',
  'channels:history': 'to read threads and channels that it is asked about, and its memory',
  'channels:read': 'to know whether it is in a channel, and who may read what a link leads to',
  'chat:write': 'to answer',
  commands: 'to offer slash commands and message shortcuts',
  'files:read': 'to read the text files that come with a question',
  'groups:history': 'the same in private channels that it was invited to',
  'groups:read': 'the same for private channels that it was invited to',
  'im:history': 'to read the direct messages that it is written',
  'im:read': 'to know its own direct messages from those of others',
  'mpim:history': 'the same in group messages that it is part of',
  'mpim:read': 'the same for group messages that it is part of',
  'users:read': 'to call people by their names, and to know administrators and guests',
};

/** What the bot hears of. */
export const EVENTS = [
  'agent_session_stopped',
  'app_home_opened',
  'app_mention',
  'message.channels',
  'message.groups',
  'message.im',
  'message.mpim',
] as const;

const DESCRIPTION = 'Answers and sums up with GPT-2, which runs on your own machine. Nothing leaves it.';

export interface ManifestOptions {
  /** Before every slash command. */
  readonly prefix: string;
  /** Where Slack calls the bot over HTTP; absent: Socket Mode. */
  readonly requestUrl?: string;
}

/** The app as Slack makes it in one step: https://docs.slack.dev/reference/app-manifest */
export function slackManifest({ prefix, requestUrl }: ManifestOptions) {
  const called = requestUrl !== undefined;
  return {
    display_information: { name: 'Parley', description: DESCRIPTION },
    features: {
      app_home: {
        home_tab_enabled: false,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      agent_view: { agent_description: DESCRIPTION, suggested_prompts: SUGGESTED_PROMPTS },
      bot_user: { display_name: 'Parley', always_online: true },
      shortcuts: SHORTCUTS.map(({ id, name, description }) => ({
        name,
        type: 'message',
        callback_id: id,
        description,
      })),
      slash_commands: commandsFor('slack').map((command) => ({
        command: slackName(command.name, prefix),
        description: command.description,
        ...hint(command),
        should_escape: false,
        ...(called && { url: requestUrl }),
      })),
    },
    oauth_config: { scopes: { bot: Object.keys(SCOPES) } },
    settings: {
      event_subscriptions: { ...(called && { request_url: requestUrl }), bot_events: EVENTS },
      interactivity: { is_enabled: true, ...(called && { request_url: requestUrl }) },
      org_deploy_enabled: false,
      socket_mode_enabled: !called,
      token_rotation_enabled: false,
    },
  };
}

/** Makes the app of the manifest, after a look at it, in the workspace that is chosen there. */
export function creationLink(manifest: object): string {
  return `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(JSON.stringify(manifest))}`;
}

/** What Slack shows while a command is typed: its options, which stand in front, and its text. */
function hint(command: Command): { usage_hint?: string } {
  const { options, text, typed = '' } = command;
  const before = options
    .filter(
      ({ name, type, required }) => type !== 'file' && !required && name !== text && !typed.includes(name),
    )
    .map(({ name, type }) => `[${name}:${type === 'boolean' ? '' : ' …'}]`);
  // Files come with messages, not with commands.
  const behind = usage(command)
    .replace(/^\S+ ?/u, '')
    .replace(/\[FILE\] | or FILE/gu, '');
  const all = [...before, behind].join(' ').trim();
  return all === '' ? {} : { usage_hint: all };
}
