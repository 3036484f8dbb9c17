import type { GeneratedPart } from '../config/generated-docs.ts';
import { KEPT } from './kept-data.ts';

/** What `npm run docs` makes from the table of kept data. */
export const generatedParts: readonly GeneratedPart[] = [
  { file: 'docs/data.md', marker: 'kept', render: keptMarkdown },
];

function keptMarkdown(): string {
  const rows = KEPT.map(({ what, why, written, documented }) => [what, why, written, documented]);
  return [['what', 'why', 'what is written', 'how long'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
