import type { GeneratedPart } from '../config/generated-docs.ts';
import { COMMANDS, type Command, usage } from './commands.ts';
import type { Platform } from './request.ts';

const PLATFORM_NAMES: Readonly<Record<Platform, string>> = {
  discord: 'Discord',
  slack: 'Slack',
  terminal: 'terminal',
};

/** Platforms that there are adapters for; the docs promise no other. */
const CONNECTED: readonly Platform[] = ['discord', 'slack', 'terminal'];

/** What `npm run docs` makes from the table of commands. */
export const generatedParts: readonly GeneratedPart[] = [
  { file: 'README.md', marker: 'commands', render: () => commandsMarkdown(CONNECTED) },
];

/** The commands offered on any of the platforms; with several, a column says where. */
export function commandsMarkdown(platforms: readonly Platform[]): string {
  const offered = COMMANDS.filter((command) => where(command, platforms).length > 0);
  const columns = ['Command', 'What it does', ...(platforms.length > 1 ? ['Where'] : [])];
  const rows = offered.map((command) => [
    `\`${usage(command).replaceAll('|', '\\|')}\``,
    command.description,
    ...(platforms.length > 1 ? [where(command, platforms).join(', ')] : []),
  ]);
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function where(command: Command, platforms: readonly Platform[]): readonly string[] {
  return platforms
    .filter((platform) => command.platforms.includes(platform))
    .map((platform) => PLATFORM_NAMES[platform]);
}
