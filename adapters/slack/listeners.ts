import type { App, BlockAction, MessageShortcut, SlashCommand, types, ViewSubmitAction } from '@slack/bolt';
import type { Heard } from './messages.ts';
import { QUESTION_FORM } from './shortcuts.ts';

/** What happens in Slack that concerns the bot; each is taken at once and worked on later. */
export interface Happenings {
  message(message: Heard): void;
  opened(event: types.AppHomeOpenedEvent): void;
  stopped(event: types.AgentSessionStoppedEvent): void;
  /** @returns whether only the person who typed it is to see it. */
  command(command: SlashCommand): boolean;
  shortcut(shortcut: MessageShortcut): void;
  form(form: ViewSubmitAction): void;
  press(press: BlockAction): void;
}

/** Acknowledges everything before anything is done about it, whatever the engine does. */
export function listen(app: App, happenings: Happenings): void {
  app.event('message', async ({ event }) => happenings.message(event as Heard));
  // The same message once more; it is the only one where the bot is not subscribed to the channel's messages.
  app.event('app_mention', async ({ event }) => happenings.message(event as Heard));
  app.event('app_home_opened', async ({ event }) => happenings.opened(event));
  app.event('agent_session_stopped', async ({ event }) => happenings.stopped(event));
  app.command(/.*/u, async ({ command, ack }) => {
    // Slack then shows to everybody what was typed, so that an answer does not come out of nothing.
    if (happenings.command(command)) await ack();
    else await ack({ response_type: 'in_channel' });
  });
  app.shortcut({ type: 'message_action' }, async ({ shortcut, ack }) => {
    await ack();
    happenings.shortcut(shortcut as MessageShortcut);
  });
  app.view(QUESTION_FORM, async ({ body, ack }) => {
    await ack();
    happenings.form(body as ViewSubmitAction);
  });
  app.action({ type: 'block_actions' }, async ({ body, ack }) => {
    await ack();
    happenings.press(body as BlockAction);
  });
}
