import type { ViewSubmitAction } from '@slack/bolt';
import { isJsonObject } from '../json.ts';
import { objects } from '../text/blocks.ts';
import type { Modal } from '../workspace/modals.ts';
import type { UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';

/** A modal as it comes back, its text fields filled in the order in which they stand. */
export function viewSubmission(
  world: World,
  user: UserRecord,
  { id, view, hash }: Modal,
  typed: readonly string[],
): ViewSubmitAction {
  const { app, modals } = world;
  const inputs = objects(view.blocks).filter((block) => block.type === 'input');
  const values = inputs.map((block, index) => {
    const element = isJsonObject(block.element) ? block.element : {};
    const state = { type: element.type, value: typed[index] ?? null };
    return [String(block.block_id), { [String(element.action_id)]: state }] as const;
  });
  return {
    type: 'view_submission',
    team: { id: app.teamId, domain: app.teamDomain },
    user: { id: user.id, name: user.name, team_id: app.teamId },
    api_app_id: app.appId,
    token: app.verificationToken,
    trigger_id: modals.issueTrigger(user),
    view: {
      id,
      hash,
      team_id: app.teamId,
      app_id: app.appId,
      app_installed_team_id: app.teamId,
      bot_id: app.botId,
      type: 'modal',
      callback_id: String(view.callback_id ?? ''),
      private_metadata: String(view.private_metadata ?? ''),
      blocks: view.blocks,
      title: view.title,
      submit: view.submit ?? null,
      close: view.close ?? null,
      state: { values: Object.fromEntries(values) },
      root_view_id: id,
      previous_view_id: null,
      clear_on_close: false,
      notify_on_close: false,
      external_id: '',
    } as unknown as ViewSubmitAction['view'],
    response_urls: [],
  };
}
