import { SESSION_STATUSES, type SessionStatus } from '../workspace/agent-sessions.ts';
import { invalidArguments, SlackApiError } from './api-error.ts';
import { type Methods, memberChannelOf } from './method.ts';
import { TIER_3, TIER_4 } from './rate-limits.ts';
import { requiredThreadOf } from './thread.ts';

const MOST_PROMPTS = 4;

/** The agent view's status, prompts and sessions. */
export const agentMethods: Methods = {
  'assistant.threads.setStatus': {
    scopes: ['assistant:write', 'chat:write'],
    token: 'bot',
    limit: TIER_4,
    run: (world, args) => {
      const channel = memberChannelOf(world, args, 'channel_id');
      const threadTs = requiredThreadOf(world, channel, args);
      world.sessions.setStatusLine(channel, threadTs, args.text('status') ?? '');
      return {};
    },
  },
  'assistant.threads.setSuggestedPrompts': {
    scopes: ['assistant:write'],
    token: 'bot',
    limit: TIER_4,
    run: (world, args) => {
      const channel = memberChannelOf(world, args, 'channel_id');
      const prompts = args.list('prompts', 'invalid_arguments') ?? [];
      if (prompts.length < 1 || prompts.length > MOST_PROMPTS) {
        throw invalidArguments(`between 1 and ${MOST_PROMPTS} items [json-pointer:/prompts]`);
      }
      world.sessions.suggestedPrompts.set(channel.id, {
        title: args.text('title'),
        prompts: prompts.map(({ title, message }) => ({ title: String(title), message: String(message) })),
      });
      world.changes.notify();
      return {};
    },
  },
  'assistant.threads.setTitle': {
    scopes: ['assistant:write'],
    token: 'bot',
    limit: TIER_4,
    run: (world, args) => {
      const channel = memberChannelOf(world, args, 'channel_id');
      world.sessions.setTitle(channel, requiredThreadOf(world, channel, args), args.required('title'));
      return {};
    },
  },
  'agents.sessions.setStatus': {
    scopes: ['chat:write'],
    token: 'bot',
    limit: TIER_3,
    run: (world, args) => {
      if (!world.app.agent) throw new SlackApiError('not_authorized');
      const status = SESSION_STATUSES.find((known) => known === args.required('status'));
      if (status === undefined) throw invalidArguments('must be a valid enum value [json-pointer:/status]');
      const channel = memberChannelOf(world, args, 'channel_id');
      const threadTs = requiredThreadOf(world, channel, args);
      const session = world.sessions.setStatus(channel, threadTs, status, args.text('title'));
      const unheard = !world.app.botEvents.has('agent_session_stopped');
      return {
        status: session.status satisfies SessionStatus,
        agent_status: session.status,
        ...(session.title !== undefined && { title: session.title }),
        ...(unheard && { warning: 'missing_agent_session_stopped_event_subscription' }),
      };
    },
  },
};
