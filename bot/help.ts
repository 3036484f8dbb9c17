import { type Command, commandsFor, usage } from './commands.ts';
import type { Platform } from './request.ts';

/** What `/help` and a bare mention answer. */
export function help(platform: Platform): string {
  const commands = commandsFor(platform);
  const width = Math.max(...commands.map((command) => usage(command).length));
  return [opening(platform), '', ...commands.map((command) => line(command, width)), '', ...closing(platform)]
    .join('\n')
    .trimEnd();
}

function line(command: Command, width: number): string {
  return `  ${usage(command).padEnd(width)}  ${command.description}`;
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
