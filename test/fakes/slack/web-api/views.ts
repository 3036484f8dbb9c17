import { invalidArguments, SlackApiError } from './api-error.ts';
import { type Methods, userOf } from './method.ts';
import { TIER_4 } from './rate-limits.ts';

const TITLE_LIMIT = 24;
const METADATA_LIMIT = 3_000;

/** Modals, and the home tab. */
export const viewsMethods: Methods = {
  'views.open': {
    scopes: [],
    token: 'bot',
    limit: TIER_4,
    run: (world, args) => {
      const view = args.object('view', 'invalid_arguments');
      if (view?.type !== 'modal') throw invalidArguments('must be modal [json-pointer:/view/type]');
      const title = (view.title as { text?: string } | undefined)?.text ?? '';
      if (title === '' || title.length > TITLE_LIMIT) {
        throw invalidArguments(`must be 1 to ${TITLE_LIMIT} characters [json-pointer:/view/title]`);
      }
      if (String(view.private_metadata ?? '').length > METADATA_LIMIT) {
        throw invalidArguments(
          `must be less than ${METADATA_LIMIT + 1} characters [json-pointer:/view/private_metadata]`,
        );
      }
      const opened = world.modals.open(args.required('trigger_id'), view);
      if (typeof opened === 'string') throw new SlackApiError(opened);
      world.changes.notify();
      return { view: { ...view, id: opened.id, hash: opened.hash, team_id: world.app.teamId } };
    },
  },
  'views.publish': {
    scopes: [],
    token: 'bot',
    limit: TIER_4,
    run: (world, args) => {
      const user = userOf(world, args.required('user_id'));
      const view = args.object('view', 'invalid_arguments');
      if (view?.type !== 'home') throw invalidArguments('must be home [json-pointer:/view/type]');
      world.workspace.homeViews.set(user.id, view);
      world.changes.notify();
      return { view: { ...view, id: world.ids.id('V'), team_id: world.app.teamId, app_id: world.app.appId } };
    },
  },
};
