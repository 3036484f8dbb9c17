import { COMMANDS, type Command, usage } from './commands.ts';
import type { Platform } from './request.ts';

const PLATFORM_NAMES: Readonly<Record<Platform, string>> = {
  discord: 'Discord',
  slack: 'Slack',
  terminal: 'terminal',
};

/** The README's table of the commands offered on the given platforms, in Markdown. */
export function commandTable(platforms: readonly Platform[]): string {
  const offered = COMMANDS.filter((command) =>
    command.platforms.some((platform) => platforms.includes(platform)),
  );
  return [
    '| command | what it does | where |',
    '|---|---|---|',
    ...offered.map((command) => row(command, platforms)),
  ].join('\n');
}

function row(command: Command, platforms: readonly Platform[]): string {
  const where = command.platforms
    .filter((platform) => platforms.includes(platform))
    .map((platform) => PLATFORM_NAMES[platform]);
  return `| \`${usage(command)}\` | ${command.description} | ${where.join(', ')} |`;
}
