import type { GeneratedPart } from '../../config/generated-docs.ts';
import { chapters } from './chapters.ts';
import type { Chapter, Row } from './row.ts';

/** What `npm run docs` makes from the rows that the tests try. */
export const generatedParts: readonly GeneratedPart[] = [{ file: 'docs/bad-input.md', render: document }];

const OPENING = `# Bad input, and what it gets

Made by \`npm run docs\` from the rows in \`test/bad-input/\`, each of which is a test: what is on the left is given to the real
parts, and what they say begins with what is on the right.`;

function document(): string {
  return [OPENING, ...chapters.map(chapterText)].join('\n\n');
}

function chapterText({ title, about, rows }: Chapter): string {
  const table = ['| Given | What it gets |', '| --- | --- |', ...rows.map(rowText)];
  return [`## ${title}`, about, table.join('\n')].join('\n\n');
}

function rowText({ given, gets }: Row): string {
  return `| ${cell(given)} | ${gets === '' ? 'nothing' : cell(beginning(gets))} |`;
}

/** What ends within a sentence is only its beginning. */
function beginning(gets: string): string {
  const text = gets.trim();
  return /[.?!)"]$/u.test(text) ? text : `${text} …`;
}

/** In a table a line is a row and a bar is a border; outside of code, `<` would begin a tag. */
function cell(text: string): string {
  return text
    .trim()
    .replaceAll('|', '\\|')
    .split(/(`[^`]*`)/u)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replaceAll('\n', '<br>')))
    .join('');
}
