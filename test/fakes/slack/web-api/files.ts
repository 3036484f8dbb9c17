import { fileObject } from '../payloads/file-object.ts';
import { SlackApiError } from './api-error.ts';
import type { Methods } from './method.ts';
import { TIER_4 } from './rate-limits.ts';

export const filesMethods: Methods = {
  'files.info': {
    scopes: ['files:read'],
    token: 'bot',
    limit: TIER_4,
    formOnly: true,
    run: (world, args) => {
      const file = world.workspace.files.get(args.required('file'));
      if (file === undefined) throw new SlackApiError('file_not_found');
      return { file: fileObject(world, file), comments: [], response_metadata: { next_cursor: '' } };
    },
  },
};
