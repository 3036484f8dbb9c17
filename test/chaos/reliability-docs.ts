import type { GeneratedPart } from '../../config/generated-docs.ts';
import { SCENARIOS } from './scenarios.ts';

/** What `npm run docs` makes from the table of scenarios. */
export const generatedParts: readonly GeneratedPart[] = [
  { file: 'docs/reliability.md', marker: 'scenarios', render: scenarios },
];

function scenarios(): string {
  const rows = SCENARIOS.map(({ name, done, promised }) => [
    promised,
    done,
    `\`npm run chaos -- --only ${name.includes(' ') ? `"${name}"` : name}\``,
  ]);
  return [['What is promised', 'What is done', 'What shows it'], ['---', '---', '---'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}
