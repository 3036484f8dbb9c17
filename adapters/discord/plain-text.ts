import { type Channel, cleanContent, type Guild, type TextBasedChannel } from 'discord.js';
import type { Author } from '../../bot/request.ts';

/** What mentions the bot: itself, or the role that came with its invite, which people pick by mistake. */
export function mentionsOf(self: string, guild: Guild | null): readonly string[] {
  const role = guild?.members.me?.roles.botRole?.id;
  return [`<@${self}>`, `<@!${self}>`, ...(role === undefined ? [] : [`<@&${role}>`])];
}

export interface TextSurroundings {
  readonly channel: Channel;
  /** The bot's id: a mention of it only says whom the message is for. */
  readonly self: string;
  /** Whom the message mentions. */
  readonly mentioned: readonly Author[];
}

/** What a person wrote, as others read it: names instead of ids. */
export function plainText(content: string, { channel, self, mentioned }: TextSurroundings): string {
  let text = content;
  for (const mention of mentionsOf(self, channel.isDMBased() ? null : channel.guild)) {
    text = text.replaceAll(mention, ' ');
  }
  for (const { id, name } of mentioned) text = text.replace(new RegExp(`<@!?${id}>`, 'gu'), () => `@${name}`);
  return cleanContent(text, channel as TextBasedChannel)
    .replace(/[^\S\n]{2,}/gu, ' ')
    .trim();
}

/** Code blocks and inline code, in which nothing is escaped; and everything between them, where `\`` begins no code. */
const CODE_OR_TEXT = /(```[\s\S]*?```|`[^`\n]*`)|(?:\\[^\n]|[^`\\])+|[`\\]/gu;

/**
 * `<@1>`, `<#1>`, `<:smile:1>`, `<a:smile:1>`, `</ask:1>`, `<t:1>`, `<id:home>`, or a character that is escaped already: so
 * that a backslash of the model's own does not take away ours.
 */
const REFERENCE = /\\[^\n]|<(?=[@#:/]|a:|t:|id:)/gu;

/** Discord shows a link's text instead of its address only where the two brackets meet. */
const BETWEEN_BRACKETS = '\u200b';

/** How the model's text is shown: nothing in it becomes a mention, a command, a time or a disguised link. */
export function shownText(text: string): string {
  return text.replace(CODE_OR_TEXT, (piece, code: string | undefined) =>
    code === undefined
      ? piece
          .replace(REFERENCE, (found) => (found === '<' ? '\\<' : found))
          .replaceAll('](', `]${BETWEEN_BRACKETS}(`)
      : piece,
  );
}

/** Discord shows lines that begin with this small. */
const SUBDUED = '-# ';

export function subduedLine(line: string): string {
  return `${SUBDUED}${line}`;
}

/** What the model wrote of a message of the bot: without escapes, and without the lines beside the answer. */
export function writtenText(content: string): string {
  return content
    .split('\n')
    .filter((line) => !line.startsWith(SUBDUED))
    .join('\n')
    .replace(/\\<(?=[@#:/]|a:|t:|id:)/gu, '<')
    .replaceAll(`]${BETWEEN_BRACKETS}(`, '](')
    .trim();
}
