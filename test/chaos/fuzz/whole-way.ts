import { messageBody } from '../../../adapters/discord/message-body.ts';
import { messageContent } from '../../../adapters/slack/message-blocks.ts';
import { toStreamMarkdown } from '../../../adapters/slack/mrkdwn.ts';
import { OutletError } from '../../../bot/delivery/outlet-error.ts';
import { type PageLimits, Pager, paginate } from '../../../bot/delivery/pages.ts';
import type { Controls } from '../../../bot/ports.ts';
import type { ChatRequest, Trigger } from '../../../bot/request.ts';
import { route } from '../../../bot/router.ts';
import type { Tokenizer } from '../../../inference/engine/tokenizer.ts';
import { ask } from '../../../inference/tasks/ask.ts';
import { chat } from '../../../inference/tasks/chat.ts';
import { summaryPrompt } from '../../../inference/tasks/summarize.ts';
import { type Budget, type Task, TaskInputError } from '../../../inference/tasks/task.ts';
import { translate } from '../../../inference/tasks/translate.ts';
import { write } from '../../../inference/tasks/write.ts';
import { allow, namedIn } from '../../fakes/discord/world/mentions.ts';
import { blockProblems } from '../../fakes/slack/text/block-limits.ts';
import { type Block, blockTexts } from '../../fakes/slack/text/blocks.ts';
import { mentions, readable } from '../../fakes/slack/text/mrkdwn.ts';

/** GPT-2's context, without room for an answer. */
const PROMPT_TOKENS = 900;

/** As the outlets have them (`discord-outlet.ts`, `slack-outlet.ts`). */
const DISCORD: PageLimits = { maxLength: 2_000 };
const SLACK: PageLimits = { maxLength: 3_000, measure: 'entities' };
const SLACK_TEXT = 4_000;

const COMMANDS = ['ask', 'summarize', 'translate', 'write', 'fill', 'choose', 'seed', 'more', 'nonsense'];
const DONE: Controls = { state: 'done', turn: 'slack:C1/1/1', task: 'ask' };

/** The whole way of one text, as a question and as an answer. @throws Error at the first promise that is broken. */
export async function wholeWay(text: string, tokenizer: Tokenizer): Promise<void> {
  routes(text);
  await prompts(text, tokenizer);
  pages(text);
  onDiscord(text);
  onSlack(text);
}

function routes(text: string): void {
  for (const trigger of ['mention', 'dm'] satisfies Trigger[]) decide({ trigger, text });
  for (const command of COMMANDS) decide({ trigger: 'command', command, text });
}

function decide(asked: Pick<ChatRequest, 'trigger' | 'text'> & { readonly command?: string }): void {
  const request: ChatRequest = {
    id: '1',
    options: {},
    author: { id: 'u1', name: 'Ann' },
    conversation: { platform: 'slack', id: 'C1' },
    attachments: [],
    at: 0,
    ...asked,
  };
  const decided = route(request, { duplicate: false, own: false });
  if (decided.kind === 'refuse')
    promise(decided.message.length < 400, 'a refusal is a line', decided.message);
}

async function prompts(text: string, tokenizer: Tokenizer): Promise<void> {
  const budget: Budget = {
    tokens: {
      count: async (counted) => tokenizer.count(counted),
      fit: async (fitted, limit, keep) => tokenizer.fit(fitted, limit, keep),
    },
    promptTokens: PROMPT_TOKENS,
  };
  const history = [{ question: text, answer: text }];
  const written = async (task: Task, input: Parameters<Task['prompt']>[0]) => {
    try {
      const { text: prompt } = await task.prompt(input, budget);
      const ids = tokenizer.encode(prompt);
      promise(ids.length <= PROMPT_TOKENS, 'a prompt fits', prompt);
      promise(!ids.includes(tokenizer.endOfText), 'nobody can write the end of a text', prompt);
      return prompt;
    } catch (error) {
      if (error instanceof TaskInputError) return undefined;
      throw error;
    }
  };
  form(summaryPrompt(text), /^TL;DR:$/);
  // Counting tokens takes most of the time: each text goes through one of the others.
  switch (text.length % 5) {
    case 0:
      form(await written(chat, { text, history }), /^(?:Q:A:)+$/);
      break;
    case 1:
      form(await written(ask, { text }), /^Q:A:$/);
      break;
    case 2:
      form(await written(ask, { text, context: text, history }), /^(?:Q:A:)+$/);
      break;
    case 3:
      await written(write, { text });
      break;
    default: {
      const pairs = await written(translate, { text });
      promise(pairs?.endsWith(' =') ?? true, 'a translation ends with its sign', pairs ?? '');
    }
  }
}

const UNSEEN = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
const MARKS = ['Q:', 'A:', 'TL;DR:'];

/** The marks at the beginnings of lines, as a reader sees them, are the prompt's own; what is indented is quoted. */
function form(prompt: string | undefined, own: RegExp): void {
  if (prompt === undefined) return;
  const marks = prompt.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).map((line) => {
    if (line.startsWith('    ')) return '';
    const seen = line.replace(UNSEEN, '').toUpperCase();
    return MARKS.find((mark) => seen.startsWith(mark)) ?? '';
  });
  promise(own.test(marks.join('')), 'nobody forges the form of a prompt', prompt);
}

function pages(text: string): void {
  for (const limits of [DISCORD, SLACK, { maxLength: 40 }]) {
    const whole = paginate(text, limits);
    promise(whole.map(({ source }) => source).join('') === text, 'pages lose nothing', text);
    if (text.length > 5_000) continue;
    const pager = new Pager(limits);
    for (let at = 0; at < text.length; at += 7) pager.append(text.slice(at, at + 7));
    const same =
      pager.pages.map((page) => page.text).join('\0') === whole.map((page) => page.text).join('\0');
    promise(same, 'pages do not depend on how a text arrived', text);
  }
}

function onDiscord(text: string): void {
  for (const { text: page } of paginate(text, DISCORD)) {
    const body = discordBody(page);
    if (!body) continue;
    const { content, allowed_mentions } = body;
    promise(content.length <= DISCORD.maxLength, 'a message on Discord fits', page);
    const called = allow(namedIn(content), {
      ...allowed_mentions,
      parse: allowed_mentions.parse ?? [],
    } as never);
    promise(
      called.users.length + called.roles.length === 0 && !called.everyone,
      'nobody is called on Discord',
      page,
    );
    const prose = content.replace(/\\[^\n]|```[\s\S]*?```|`[^`\n]*`/g, ' ');
    promise(!/<(?:[@#:/]|a:|t:|id:)/.test(prose), 'nothing becomes more than text on Discord', content);
    promise(characters(content) === characters(page), 'a message on Discord is whole', page);
  }
}

/** Undefined: escaping has made it too long, and delivery splits it again. */
function discordBody(page: string): ReturnType<typeof messageBody> | undefined {
  try {
    return messageBody(page, DONE);
  } catch (error) {
    if (error instanceof OutletError && error.code === 'OUTLET_TOO_LONG') return undefined;
    throw error;
  }
}

const NAMES = { user: (id: string) => id, channel: (id: string) => id };

function onSlack(text: string): void {
  for (const { text: page } of paginate(text, SLACK)) {
    const { text: plain, blocks } = messageContent(page, DONE);
    promise(plain.length <= SLACK_TEXT, 'a message on Slack fits', page);
    const problems = blockProblems(blocks as unknown as Block[]);
    promise(problems.length === 0 || page.trim() === '', problems.join(), page);
    const shown = blockTexts(blocks as unknown as Block[]).filter(({ dialect }) => dialect === 'mrkdwn');
    for (const one of [plain, toStreamMarkdown(page), ...shown.map((part) => part.text)]) {
      const { users, groups, broadcasts } = mentions(one);
      promise(users.length + groups.length + broadcasts.length === 0, 'nobody is called on Slack', page);
    }
    const streamed = readable(toStreamMarkdown(page), NAMES).replaceAll('\u200b', '');
    promise(streamed === page.replaceAll('\u200b', ''), 'a stream is whole', page);
    if (hasOtherWords(page)) continue;
    const read = shown.map((part) => readable(part.text, NAMES)).join('');
    promise(letters(read) === letters(page), 'a message on Slack is whole', page);
  }
}

/** Where mrkdwn has no place for it, a code block's language goes, and a link is written out. */
function hasOtherWords(page: string): boolean {
  return /^ {0,3}(?:`{3,}|~{3,})/m.test(page) || page.includes('](');
}

/** Without what escapes add, and without what is not seen. */
function characters(text: string): string {
  return text.replace(/[\\\u200b]/g, '');
}

function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '');
}

function promise(kept: boolean, what: string, text: string): void {
  if (!kept) throw new Error(`Broken: ${what}. With ${JSON.stringify(text.slice(0, 400))}`);
}
