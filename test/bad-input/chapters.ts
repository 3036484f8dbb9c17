import { commandLineChapter } from './command-line-rows.ts';
import { commandsChapter } from './command-rows.ts';
import { filesChapter } from './file-rows.ts';
import { linesChapter } from './line-rows.ts';
import { modelFoldersChapter } from './model-folder-rows.ts';
import { modelNamesChapter } from './model-name-rows.ts';
import type { Chapter } from './row.ts';
import { settingsChapter } from './settings-rows.ts';
import { surroundingsChapter } from './surroundings-rows.ts';

/** Everything that people can give, in the order of the document. */
export const chapters: readonly Chapter[] = [
  surroundingsChapter,
  settingsChapter,
  commandLineChapter,
  linesChapter,
  commandsChapter,
  filesChapter,
  modelFoldersChapter,
  modelNamesChapter,
];
