import type { GeneratedPart } from './generated-docs.ts';
import { type Section, type Setting, type SettingsTable, sections } from './setting.ts';
import { settings } from './settings.ts';

/** What `npm run docs` makes from the table of settings. */
export const generatedParts: readonly GeneratedPart[] = [
  { file: '.env.example', render: () => envExample(settings) },
  { file: 'README.md', marker: 'settings', render: () => settingsMarkdown(settings) },
];

/** A file that sets nothing until somebody removes a `#`. */
export function envExample(table: SettingsTable): string {
  const chapters = bySection(table).map(({ title, rows }) => {
    const entries = rows.map(([name, row]) => {
      const facts = `# Value: ${wants(row)}. Default: ${defaultOf(row)}.`;
      return `# ${row.sentence}\n${facts}\n# ${name}=${exampleOf(row)}\n`;
    });
    return `# ${title}\n\n${entries.join('\n')}`;
  });
  const head = [
    "# Parley's settings (made by npm run docs). Copy this file to .env and remove the # before the settings",
    '# that you change. The environment wins over .env. Put a value that contains a # into quotes.',
  ];
  return `${head.join('\n')}\n\n${chapters.join('\n')}`;
}

/** A table a section. */
export function settingsMarkdown(table: SettingsTable): string {
  const chapters = bySection(table).map(({ title, rows }) => {
    const lines = rows.map(([name, row]) =>
      tableRow([`\`${name}\``, row.sentence, wants(row), defaultOf(row, '`')]),
    );
    return [
      `**${title}**`,
      '',
      tableRow(['Setting', 'What it does', 'Value', 'Default']),
      '| --- | --- | --- | --- |',
      ...lines,
    ].join('\n');
  });
  return chapters.join('\n\n');
}

function bySection(table: SettingsTable) {
  return (Object.keys(sections) as Section[])
    .map((section) => ({
      title: sections[section],
      rows: Object.entries(table).filter(([, row]) => row.section === section),
    }))
    .filter(({ rows }) => rows.length > 0);
}

function wants(row: Setting): string {
  const secret = row.secret === true ? ' (secret)' : '';
  return `${row.kind.wants}${row.unit === undefined ? '' : ` (${row.unit})`}${secret}`;
}

function defaultOf(row: Setting, mark = ''): string {
  if (row.defaultInWords !== undefined) return row.defaultInWords;
  const value = exampleOf(row);
  return value === '' ? 'none' : `${mark}${value}${mark}`;
}

/** Defaults that differ between machines are left out: an empty value stands for the default. */
function exampleOf(row: Setting): string {
  return row.default === undefined || typeof row.default === 'function' ? '' : String(row.default);
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
