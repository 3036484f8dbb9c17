import type { Command, CommandOption } from '../../bot/commands.ts';
import type { OptionValue } from '../../bot/request.ts';

/** What people typed behind a command's name, in its parts. */
export interface TypedOptions {
  readonly options: Readonly<Record<string, OptionValue>>;
  /** The rest, which is the option that the command means by text. */
  readonly text: string;
}

const YES_OR_NO: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  on: true,
  no: false,
  false: false,
  off: false,
};

/**
 * Slack's commands take one line of text, so options stand in front of it: `messages: 50 since: 2h`, `private: What is
 * tea?`. What is none of the command's options, or has no value that could be meant, is text.
 */
export function readOptions(command: Command, typed: string): TypedOptions {
  const options: Record<string, OptionValue> = {};
  let rest = typed.trim();
  for (;;) {
    const found = readOption(command, rest);
    if (!found) return { options, text: rest };
    if (found.value !== undefined) options[found.name] = found.value;
    rest = found.rest;
  }
}

interface Found {
  readonly name: string;
  readonly value?: OptionValue;
  readonly rest: string;
}

function readOption(command: Command, typed: string): Found | undefined {
  const [all = '', name = '', mark = ''] = /^([a-z]+)\s*([:=]?)\s*/i.exec(typed) ?? [];
  const option = command.options.find((candidate) => candidate.name === name.toLowerCase());
  if (!option || option.type === 'file') return undefined;
  const rest = typed.slice(all.length);
  if (mark === '') {
    // "private schools" is the beginning of a question; alone, or before other options, the word is the option.
    const alone = option.type === 'boolean' && (rest === '' || readOption(command, rest) !== undefined);
    return alone ? { name: option.name, value: true, rest } : undefined;
  }
  if (option.name === command.text) return { name: option.name, rest };
  return readValue(option, rest);
}

function readValue(option: CommandOption, typed: string): Found | undefined {
  const { name, type } = option;
  const [all = '', quoted, plain = ''] = /^(?:"([^"]*)"|(\S*))\s*/.exec(typed) ?? [];
  const word = quoted ?? plain;
  const rest = typed.slice(all.length);
  switch (type) {
    case 'boolean': {
      const value = YES_OR_NO[word.toLowerCase()];
      return value === undefined ? { name, value: true, rest: typed } : { name, value, rest };
    }
    case 'integer':
      return /^\d{1,9}$/.test(word) ? { name, value: within(option, Number(word)), rest } : undefined;
    default: {
      if (word === '') return undefined;
      const choice = option.choices?.find(({ value }) => String(value).toLowerCase() === word.toLowerCase());
      if (option.choices && !choice) return undefined;
      return { name, value: choice?.value ?? word.slice(0, option.maxLength), rest };
    }
  }
}

function within({ range }: CommandOption, value: number): number {
  return range ? Math.min(Math.max(value, range[0]), range[1]) : value;
}
