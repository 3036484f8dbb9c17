import type { Block } from './blocks.ts';
import { escapeText, type Token, tokens, unescapeText } from './mrkdwn.ts';

export interface Directory {
  /** A user's id by the name people type behind `@`. */
  userId(name: string): string | undefined;
  channelId(name: string): string | undefined;
}

/**
 * What Slack stores when a person types this: special characters escaped, `@ann` and `#general` as ids where such a
 * user or channel exists, addresses in angle brackets.
 */
export function typed(text: string, directory: Directory): string {
  return escapeText(text)
    .replace(/https?:\/\/\S+/g, (url) => `<${url}>`)
    .replace(/(?<![\w/.])@([\w.-]+)/g, (whole, name: string) => {
      const id = directory.userId(name);
      return id === undefined ? whole : `<@${id}>`;
    })
    .replace(/(?<![\w/&])#([\w-]+)/g, (whole, name: string) => {
      const id = directory.channelId(name);
      return id === undefined ? whole : `<#${id}|${name}>`;
    });
}

/** The rich text block that Slack's composer makes of the same text. */
export function richText(text: string, blockId: string): Block {
  const elements = tokens(text).map((part) => element(part));
  return {
    type: 'rich_text',
    block_id: blockId,
    elements: [{ type: 'rich_text_section', elements }],
  };
}

function element(part: Token) {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: unescapeText(part.text) };
    case 'user':
      return { type: 'user', user_id: part.id };
    case 'channel':
      return { type: 'channel', channel_id: part.id };
    case 'group':
      return { type: 'usergroup', usergroup_id: part.id };
    case 'broadcast':
      return { type: 'broadcast', range: part.id };
    case 'link':
      return part.label === undefined
        ? { type: 'link', url: part.url }
        : { type: 'link', url: part.url, text: part.label };
  }
}
