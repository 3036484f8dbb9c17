import type { SlashCommand } from '@slack/bolt';
import { keepText } from '../../confidential.ts';
import type { ChannelRecord, UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';

export function slashCommand(
  world: World,
  user: UserRecord,
  channel: ChannelRecord,
  command: string,
  text: string,
  responseUrl: string,
): SlashCommand {
  const { app } = world;
  keepText(text);
  return {
    token: app.verificationToken,
    team_id: app.teamId,
    team_domain: app.teamDomain,
    channel_id: channel.id,
    // Slack does not tell the names of private conversations.
    channel_name: channel.kind === 'group' ? 'privategroup' : channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: app.appId,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: world.modals.issueTrigger(user),
  };
}
