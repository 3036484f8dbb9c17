import { isJsonObject, type Json, type JsonObject } from '../json.ts';

export interface Block {
  type: string;
  block_id?: string;
  [field: string]: Json | undefined;
}

/** Something to press in a message, with the block it stands in. */
export interface PressableElement {
  readonly blockId: string;
  readonly actionId: string;
  readonly type: string;
  readonly element: JsonObject;
}

/** One piece of text in a block, and how Slack reads it. */
export interface BlockText {
  readonly text: string;
  readonly dialect: 'mrkdwn' | 'markdown' | 'plain';
}

export function isBlock(value: Json | undefined): value is JsonObject & Block {
  return isJsonObject(value) && typeof value.type === 'string';
}

/** Slack names every block; those the app named keep their names. */
export function withBlockIds(blocks: readonly Block[], newId: () => string): Block[] {
  return blocks.map((block) => ({ ...block, block_id: block.block_id ?? newId() }));
}

export function pressableElements(blocks: readonly Block[]): PressableElement[] {
  return blocks.flatMap((block) => {
    const inside = [...objects(block.elements), ...objects([block.accessory ?? null])];
    return inside.flatMap((element) =>
      typeof element.action_id === 'string' && typeof element.type === 'string'
        ? [{ blockId: block.block_id ?? '', actionId: element.action_id, type: element.type, element }]
        : [],
    );
  });
}

/** The running text of a message's blocks; labels of buttons are not part of it. */
export function blockTexts(blocks: readonly Block[]): BlockText[] {
  return blocks.flatMap((block): BlockText[] => {
    switch (block.type) {
      case 'markdown':
        return typeof block.text === 'string' ? [{ text: block.text, dialect: 'markdown' }] : [];
      case 'rich_text':
        return [{ text: richTextOf(block.elements), dialect: 'plain' }];
      case 'section':
        return [...textObject(block.text), ...objects(block.fields).flatMap(textObject)];
      case 'context':
        return objects(block.elements).flatMap(textObject);
      case 'header':
        return textObject(block.text);
      default:
        return [];
    }
  });
}

export function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textObject(value: Json | undefined): BlockText[] {
  if (!isJsonObject(value) || typeof value.text !== 'string') return [];
  if (value.type === 'mrkdwn') return [{ text: value.text, dialect: 'mrkdwn' }];
  return value.type === 'plain_text' ? [{ text: value.text, dialect: 'plain' }] : [];
}

/** Mentions in rich text are elements of their own; they are written back as control sequences. */
function richTextOf(value: Json | undefined): string {
  return objects(value)
    .map((element) => {
      if (typeof element.user_id === 'string') return `<@${element.user_id}>`;
      if (element.type === 'broadcast') return `<!${element.range}>`;
      if (typeof element.url === 'string') return `<${element.url}|${element.text ?? element.url}>`;
      return typeof element.text === 'string' ? element.text : richTextOf(element.elements);
    })
    .join('');
}
