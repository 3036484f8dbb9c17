import type { types } from '@slack/bolt';
import type { World } from '../workspace/world.ts';

export function appHomeOpenedEvent(
  world: World,
  user: string,
  channel: string,
  tab: 'home' | 'messages',
): types.AppHomeOpenedEvent {
  return { type: 'app_home_opened', user, channel, tab, event_ts: world.ids.ts() };
}

/** The older assistant view, which Slack still sends for where apps subscribe to it. */
export function assistantThreadStartedEvent(
  world: World,
  user: string,
  channel: string,
  threadTs: string,
  viewedChannel: string | undefined,
): types.AssistantThreadStartedEvent {
  return {
    type: 'assistant_thread_started',
    assistant_thread: {
      user_id: user,
      context:
        viewedChannel === undefined
          ? {}
          : { channel_id: viewedChannel, team_id: world.app.teamId, enterprise_id: null },
      channel_id: channel,
      thread_ts: threadTs,
    },
    event_ts: world.ids.ts(),
  };
}

export function assistantThreadContextChangedEvent(
  world: World,
  user: string,
  channel: string,
  threadTs: string,
  viewedChannel: string,
): types.AssistantThreadContextChangedEvent {
  return {
    type: 'assistant_thread_context_changed',
    assistant_thread: {
      user_id: user,
      context: { channel_id: viewedChannel, team_id: world.app.teamId, enterprise_id: null },
      channel_id: channel,
      thread_ts: threadTs,
    },
    event_ts: world.ids.ts(),
  };
}

export function agentSessionStoppedEvent(
  world: World,
  user: string,
  channel: string,
  threadTs: string,
  streams: string[],
): types.AgentSessionStoppedEvent {
  return {
    type: 'agent_session_stopped',
    channel,
    user,
    thread_ts: threadTs,
    streaming_message_ts: streams,
    event_ts: world.ids.ts(),
  };
}
