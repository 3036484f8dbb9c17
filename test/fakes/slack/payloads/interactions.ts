import type { BlockAction, ButtonAction, FeedbackButtonsAction, MessageShortcut } from '@slack/bolt';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { PressableElement } from '../text/blocks.ts';
import type { ChannelRecord, MessageRecord, UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';
import { wireMessage } from './wire-message.ts';

/** What the person chose of an element with more than one thing to press. */
export type FeedbackChoice = 'positive' | 'negative';

type Wire = MessageShortcut['message'];

export function messageShortcut(
  world: World,
  user: UserRecord,
  callbackId: string,
  message: MessageRecord,
  responseUrl: string,
): MessageShortcut {
  return {
    type: 'message_action',
    token: world.app.verificationToken,
    action_ts: world.ids.ts(),
    team: { id: world.app.teamId, domain: world.app.teamDomain },
    user: { id: user.id, name: user.name, username: user.name, team_id: world.app.teamId },
    channel: { id: message.channel.id, name: channelName(message.channel) },
    is_enterprise_install: false,
    callback_id: callbackId,
    trigger_id: world.modals.issueTrigger(user),
    response_url: responseUrl,
    message_ts: message.ts,
    message: wireMessage(world, message) as Wire,
  };
}

export function blockAction(
  world: World,
  user: UserRecord,
  message: MessageRecord,
  pressed: PressableElement,
  choice: FeedbackChoice,
  responseUrl: string,
): BlockAction<ButtonAction | FeedbackButtonsAction> {
  const ephemeral = message.ephemeralFor !== undefined;
  return {
    type: 'block_actions',
    user: { id: user.id, username: user.name, name: user.name, team_id: world.app.teamId },
    api_app_id: world.app.appId,
    token: world.app.verificationToken,
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel.id,
      is_ephemeral: ephemeral,
      ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
    },
    trigger_id: world.modals.issueTrigger(user),
    team: { id: world.app.teamId, domain: world.app.teamDomain },
    is_enterprise_install: false,
    channel: { id: message.channel.id, name: channelName(message.channel) },
    // Of an ephemeral message Slack tells only where it was.
    ...(!ephemeral && { message: wireMessage(world, message) as Wire }),
    state: { values: {} },
    response_url: responseUrl,
    actions: [action(world, pressed, choice)],
  };
}

function action(
  world: World,
  pressed: PressableElement,
  choice: FeedbackChoice,
): ButtonAction | FeedbackButtonsAction {
  const common = { block_id: pressed.blockId, action_id: pressed.actionId, action_ts: world.ids.ts() };
  if (pressed.type === 'feedback_buttons') {
    const button = pressed.element[`${choice}_button`];
    const chosen: JsonObject = isJsonObject(button) ? button : {};
    return {
      ...common,
      type: 'feedback_buttons',
      value: String(chosen.value),
      text: chosen.text as unknown as FeedbackButtonsAction['text'],
    };
  }
  const { text, value } = pressed.element;
  return {
    ...common,
    type: 'button',
    text: text as unknown as ButtonAction['text'],
    ...(typeof value === 'string' && { value }),
  };
}

function channelName(channel: ChannelRecord): string {
  return channel.kind === 'group' ? 'privategroup' : channel.name;
}
