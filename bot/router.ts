import { isBlank } from '../inference/tasks/delimiters.ts';
import type { TaskName, TaskOptions } from '../inference/tasks/task.ts';
import { type Command, type Control, commandsFor, findCommand } from './commands.ts';
import type { TalkRange } from './conversation.ts';
import type { AttachmentRef, ChatRequest, HistoryMessage } from './request.ts';
import { readSeedOrder } from './seed-order.ts';
import { similarName } from './similar-name.ts';
import { chooseRoute, fillRoute, isMeant, translateRoute, writeRoute } from './task-routes.ts';
import { readTimeSpan } from './time-span.ts';

/** Where the text comes from that a task works on; the turn reads it when its time has come. */
export type Material =
  | { readonly kind: 'none' }
  | { readonly kind: 'message'; readonly message: HistoryMessage }
  | { readonly kind: 'attachments'; readonly attachments: readonly AttachmentRef[] }
  /** The thread, or what was said last in the conversation. */
  | ({ readonly kind: 'talk' } & TalkRange);

export type RefusalCode =
  | 'UNKNOWN_COMMAND'
  | 'TEXT_MISSING'
  | 'QUESTION_MISSING'
  | 'SINCE_UNCLEAR'
  | 'LANGUAGE_UNKNOWN'
  | 'GAP_UNCLEAR'
  | 'OPTIONS_UNCLEAR';

export type Route =
  | {
      readonly kind: 'task';
      readonly task: TaskName;
      readonly text: string;
      readonly material: Material;
      readonly options?: TaskOptions;
    }
  /** `text`: what stood behind the command's name, where something may. */
  | { readonly kind: 'control'; readonly control: Control; readonly text?: string }
  /** Answered at once, with words for the person. */
  | { readonly kind: 'refuse'; readonly code: RefusalCode; readonly message: string }
  /** Not answered at all. */
  | { readonly kind: 'drop'; readonly why: 'duplicate' | 'own message' | 'carried out by the adapter' };

/** What the router cannot see in the request. */
export interface Circumstances {
  /** The request's id was seen before. */
  readonly duplicate: boolean;
  /** The author is this bot. */
  readonly own: boolean;
}

/**
 * Fewer words than this behind "summarize" are a manner of speaking ("this, please"); more are the text itself. A text
 * so short would not need a summary.
 */
const WORDS_OF_A_TEXT = 16;

/** What people write behind the first word: "Summarize: …", "ask, …". */
const PUNCTUATION = ':,.!?;-–—…';

const NOTHING: Material = { kind: 'none' };

/** Decides what a request gets. Pure: it reads no file, no history and no clock. */
export function route(request: ChatRequest, circumstances: Circumstances): Route {
  if (circumstances.own) return { kind: 'drop', why: 'own message' };
  if (circumstances.duplicate) return { kind: 'drop', why: 'duplicate' };
  switch (request.trigger) {
    case 'line':
      return isBlank(request.text) ? emptyLine() : chat(request);
    case 'command':
    case 'menu':
      return named(request);
    case 'mention':
    case 'dm':
      return addressed(request);
  }
}

function named(request: ChatRequest): Route {
  const name = request.command ?? '';
  const command = findCommand(name, request.conversation.platform);
  if (!command) return unknown(name, request);
  return carryOut(command, request, optionText(command, request) ?? request.text);
}

function addressed(request: ChatRequest): Route {
  const [word, rest] = splitFirstWord(request.text);
  const command = word === '' ? undefined : findCommand(word, request.conversation.platform);
  if (command && begins(command, request.text, rest)) {
    const text =
      command.means.kind === 'task' && command.means.task === 'summarize' ? textProper(rest) : rest;
    return carryOut(command, request, text);
  }
  const material = given(request);
  const aboutSomething =
    material.kind === 'attachments' || (material.kind === 'message' && !material.message.own);
  if (aboutSomething) return ask(request.text, material);
  return isBlank(request.text) ? { kind: 'control', control: 'help' } : chat(request);
}

/**
 * Whether a command is meant by the first word of a sentence. One that takes no text is so only when it stands alone:
 * "Help me with this" is no cry for `/help`; and one that wants a text of some form only when that text has it, unless
 * a slash shows that it is meant.
 */
function begins({ means, text }: Command, sentence: string, rest: string): boolean {
  if (text === undefined) return isBlank(rest);
  if (sentence.trimStart().startsWith('/')) return true;
  if (means.kind === 'task') return isMeant(means.task, rest);
  return means.kind !== 'control' || means.control !== 'seed' || readSeedOrder(rest) !== undefined;
}

function carryOut(command: Command, request: ChatRequest, text: string): Route {
  switch (command.means.kind) {
    case 'leave':
      return { kind: 'drop', why: 'carried out by the adapter' };
    case 'control':
      return {
        kind: 'control',
        control: command.means.control,
        ...(command.text !== undefined && { text }),
      };
    case 'task':
      return toTask(command.means.task, request, text);
  }
}

function toTask(task: TaskName, request: ChatRequest, text: string): Route {
  switch (task) {
    case 'ask':
      return ask(text, given(request));
    case 'summarize':
      return summarize(text, request);
    case 'translate':
      return translateRoute(text, request, given(request));
    case 'write':
      return writeRoute(text, given(request));
    case 'fill':
      return fillRoute(text, request);
    case 'choose':
      return chooseRoute(text, request);
    case 'chat':
      return chat(request);
  }
}

function chat(request: ChatRequest): Route {
  return { kind: 'task', task: 'chat', text: request.text.trim(), material: NOTHING };
}

function ask(question: string, material: Material): Route {
  const text = question.trim();
  if (!isBlank(text)) return { kind: 'task', task: 'ask', text, material };
  return { kind: 'refuse', code: 'QUESTION_MISSING', message: questionMissing(material) };
}

function summarize(text: string, request: ChatRequest): Route {
  const material = given(request);
  if (material.kind !== 'none') return { kind: 'task', task: 'summarize', text: '', material };
  if (!isBlank(text)) return { kind: 'task', task: 'summarize', text: text.trim(), material };
  const { messages, since } = request.options;
  const age = since === undefined ? undefined : readTimeSpan(String(since));
  if (since !== undefined && age === undefined) {
    return {
      kind: 'refuse',
      code: 'SINCE_UNCLEAR',
      message: `I cannot read "${clip(String(since))}" as a span of time. Write 30m, 2h or 1d.`,
    };
  }
  const range = {
    ...(typeof messages === 'number' && { messages }),
    ...(age !== undefined && { since: request.at - age }),
  };
  return { kind: 'task', task: 'summarize', text: '', material: { kind: 'talk', ...range } };
}

/** What the request brought along: a message it replies to goes before files. */
function given(request: ChatRequest): Material {
  if (request.repliedTo && !isBlank(request.repliedTo.text)) {
    return { kind: 'message', message: request.repliedTo };
  }
  if (request.attachments.length > 0) return { kind: 'attachments', attachments: request.attachments };
  return NOTHING;
}

function optionText(command: Command, request: ChatRequest): string | undefined {
  const value = command.text === undefined ? undefined : request.options[command.text];
  return value === undefined ? undefined : String(value);
}

/** "Summarize: the rest" in its two parts; a slash before the word and punctuation around it do not count. */
function splitFirstWord(text: string): readonly [word: string, rest: string] {
  const [all = '', first = ''] = /^\s*\/?(\S*)/u.exec(text) ?? [];
  let end = first.length;
  while (end > 0 && PUNCTUATION.includes(first.charAt(end - 1))) end -= 1;
  const rest = text.slice(all.length).trim();
  return [first.slice(0, end), rest.replace(/^[:,]\s*/u, '')];
}

function textProper(rest: string): string {
  return rest.split(/\s+/u).length < WORDS_OF_A_TEXT ? '' : rest;
}

function emptyLine(): Route {
  return {
    kind: 'refuse',
    code: 'TEXT_MISSING',
    message: 'There is nothing on that line. Write a message, or /help to see what you can ask for.',
  };
}

function unknown(name: string, request: ChatRequest): Route {
  const names = commandsFor(request.conversation.platform).flatMap((command) => [
    command.name,
    ...command.alsoCalled,
  ]);
  const meant = similarName(name, names);
  const hint = meant ? `Did you mean /${meant}?` : 'See /help for those there are.';
  return { kind: 'refuse', code: 'UNKNOWN_COMMAND', message: `There is no command /${clip(name)}. ${hint}` };
}

function questionMissing(material: Material): string {
  switch (material.kind) {
    case 'attachments': {
      const names = material.attachments.map((attachment) => attachment.name).join(' and ');
      return `What would you like to know about ${names}? Write the question with it, or ask for a summary.`;
    }
    case 'message':
      return 'What would you like to know about that message? Write the question with it, or ask for a summary.';
    default:
      return 'What would you like to know? Write the question behind the command: /ask What is a glacier?';
  }
}

/** What people typed is repeated to them, but not at any length. */
function clip(typed: string): string {
  const LONGEST = 40;
  return typed.length > LONGEST ? `${typed.slice(0, LONGEST)}…` : typed;
}
