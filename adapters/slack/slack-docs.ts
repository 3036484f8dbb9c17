import { commandsFor } from '../../bot/commands.ts';
import type { GeneratedPart } from '../../config/generated-docs.ts';
import { slackName } from './command-name.ts';
import { SCOPES, slackManifest } from './manifest.ts';
import { MENDS } from './slack-failure.ts';

const FILE = 'docs/slack.md';

/** What `npm run docs` makes of the manifest and of what is known about Slack's refusals. */
export const generatedParts: readonly GeneratedPart[] = [
  { file: FILE, marker: 'commands', render: commands },
  { file: FILE, marker: 'scopes', render: () => table(['permission', 'what for'], Object.entries(SCOPES)) },
  {
    file: FILE,
    marker: 'refusals',
    render: () => table(['Slack says', 'what to do'], Object.entries(MENDS)),
  },
];

function commands(): string {
  const hints = new Map(
    slackManifest({ prefix: '' }).features.slash_commands.map((one) => [one.command, one.usage_hint ?? '']),
  );
  const rows = commandsFor('slack').map(({ name, description }): readonly [string, string] => {
    const command = slackName(name, '');
    return [`${command} ${hints.get(command) ?? ''}`.trim(), description];
  });
  return table(['command', 'what it does'], rows);
}

/** The first column holds what is typed or read to the letter. */
function table(columns: readonly [string, string], rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(
    ([first, second]) => `| \`${first.replaceAll('|', '\\|')}\` | ${second.replaceAll('|', '\\|')} |`,
  );
  return [`| ${columns.join(' | ')} |`, '| --- | --- |', ...lines].join('\n');
}
