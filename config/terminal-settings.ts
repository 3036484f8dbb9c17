import path from 'node:path';
import { fileOrNone } from './kinds.ts';
import { setting } from './setting.ts';

/** The chat in the terminal. */
export const terminalSettings = {
  HISTORY_FILE: setting({
    section: 'terminal',
    kind: fileOrNone(),
    default: ({ state }) => path.join(state, 'history'),
    defaultInWords: "the file parley/history in the platform's state folder",
    sentence:
      'Where the lines typed at the prompt are kept for the next session, readable by you alone; none keeps none.',
  }),
} as const;
