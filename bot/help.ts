import { type Command, commandsFor, usage } from './commands.ts';
import type { Platform } from './request.ts';

/**
 * What `/help` and a bare mention answer.
 *
 * @param called what a command is called where that is not its name.
 */
export function help(platform: Platform, called = (name: string): string => `/${name}`): string {
  const commands = commandsFor(platform);
  const typed = (command: Command) => usage(command).replace(`/${command.name}`, called(command.name));
  const width = Math.max(...commands.map((command) => typed(command).length));
  const lines = commands.map((command) => `  ${typed(command).padEnd(width)}  ${command.description}`);
  return [opening(platform), '', ...lines, '', ...closing(platform)].join('\n').trimEnd();
}

function opening(platform: Platform): string {
  return platform === 'terminal'
    ? 'Write anything to chat; what was said before is remembered. Or begin a line with a command:'
    : 'Mention me or write me a direct message to chat. Or use a command:';
}

function closing(platform: Platform): readonly string[] {
  if (platform !== 'terminal') return [];
  return [
    'A file is named by its path: /summarize ./notes.txt, or /ask ./notes.txt When is the meeting?',
    'Ctrl-C stops a reply; pressed again, it leaves.',
  ];
}
