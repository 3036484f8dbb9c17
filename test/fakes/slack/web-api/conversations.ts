import type { ChannelRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { SlackApiError } from './api-error.ts';
import { channelOf, type Methods, userOf } from './method.ts';
import { TIER_3, TIER_4 } from './rate-limits.ts';

const READ_SCOPES = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];

export const conversationsMethods: Methods = {
  'conversations.info': {
    scopes: READ_SCOPES,
    token: 'bot',
    limit: TIER_3,
    formOnly: true,
    run: (world, args) => ({ channel: channelObject(world, channelOf(world, args)) }),
  },
  'conversations.members': {
    scopes: READ_SCOPES,
    token: 'bot',
    limit: TIER_4,
    formOnly: true,
    run: (world, args) => ({
      members: [...channelOf(world, args).members],
      response_metadata: { next_cursor: '' },
    }),
  },
  'conversations.open': {
    scopes: ['im:write', 'mpim:write', 'channels:manage', 'groups:write'],
    token: 'bot',
    limit: TIER_3,
    run: (world, args) => {
      const users = args.required('users').split(',');
      if (users.length !== 1) throw new SlackApiError('method_not_supported_for_channel_type');
      const channel = world.workspace.directMessages(userOf(world, users[0] ?? '').id);
      return { channel: args.flag('return_im') ? channelObject(world, channel) : { id: channel.id } };
    },
  },
};

function channelObject(world: World, channel: ChannelRecord) {
  const common = {
    id: channel.id,
    created: channel.created,
    is_archived: channel.archived,
    is_im: channel.kind === 'im',
    is_org_shared: false,
    context_team_id: world.app.teamId,
  };
  if (channel.kind === 'im') {
    const other = [...channel.members].find((member) => member !== world.app.botUser.id);
    return { ...common, user: other ?? '', is_open: true, priority: 0 };
  }
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: true,
    is_group: false,
    is_mpim: false,
    is_private: channel.kind === 'group',
    is_general: false,
    is_shared: false,
    is_ext_shared: false,
    is_member: world.workspace.botIsIn(channel),
    creator: [...channel.members][0] ?? '',
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    num_members: channel.members.size,
  };
}
