import { type Command, commandsFor, usage } from './commands.ts';
import type { Platform } from './request.ts';

/** Columns of common screens, less the last one: a line that fills it wraps on some. */
const SCREEN = 79;
/** Most commands fit into this; the others have a line of their own. */
const COLUMN = 22;

/**
 * What `/help` and a bare mention answer.
 *
 * @param called what a command is called where that is not its name.
 */
export function help(platform: Platform, called = (name: string): string => `/${name}`): string {
  const commands = commandsFor(platform);
  const typed = (command: Command) => usage(command).replace(`/${command.name}`, called(command.name));
  const lines = commands.map((command) => entry(typed(command), command.description));
  const table = asTable(lines.join('\n'), platform);
  return [opening(platform), '', table, '', ...closing(platform)].join('\n').trimEnd();
}

/** Text in columns, as it is shown in columns: chat platforms do so in code blocks alone. */
export function asTable(text: string, platform: Platform): string {
  return platform === 'terminal' ? text : `\`\`\`\n${text}\n\`\`\``;
}

function entry(typed: string, description: string): string {
  const line = `  ${typed.padEnd(COLUMN)}  ${description}`;
  return typed.length <= COLUMN && line.length <= SCREEN ? line : `  ${typed}\n      ${description}`;
}

function opening(platform: Platform): string {
  return platform === 'terminal'
    ? 'Write anything to chat; what was said before is remembered. Or use a command:'
    : 'Mention me or write me a direct message to chat. Or use a command:';
}

function closing(platform: Platform): readonly string[] {
  if (platform !== 'terminal') return [];
  return [
    'Name a file by its path: /summarize ./notes.txt, /ask ./notes.txt When is it?',
    'Ctrl-C stops a reply; pressed again, it leaves.',
  ];
}
