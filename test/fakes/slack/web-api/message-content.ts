import type { JsonObject } from '../json.ts';
import { blockProblems } from '../text/block-limits.ts';
import { type Block, isBlock } from '../text/blocks.ts';
import { SlackApiError } from './api-error.ts';
import type { Arguments } from './arguments.ts';
import { MARKDOWN_TEXT_LIMIT } from './text-limits.ts';

/** What a message is to say. `blocks` are absent when the call does not mention them. */
export interface MessageContent {
  readonly text: string | undefined;
  readonly blocks: readonly Block[] | undefined;
}

/** @throws SlackApiError `no_text`, `invalid_blocks`, `invalid_blocks_format`, `markdown_text_conflict`, `msg_too_long`. */
export function messageContent(args: Arguments): MessageContent {
  const text = args.text('text');
  const blocks = blocksOf(args);
  const markdownText = args.text('markdown_text');
  if (markdownText !== undefined) {
    if (text !== undefined || blocks !== undefined) throw new SlackApiError('markdown_text_conflict');
    if (markdownText.length > MARKDOWN_TEXT_LIMIT) throw new SlackApiError('msg_too_long');
    return { text: markdownText, blocks: [{ type: 'markdown', text: markdownText }] };
  }
  const empty = (text === undefined || text === '') && (blocks === undefined || blocks.length === 0);
  if (empty) throw new SlackApiError('no_text');
  return { text, blocks };
}

/** @throws SlackApiError `invalid_blocks`, `invalid_blocks_format`. */
export function blocksOf(args: Arguments): readonly Block[] | undefined {
  const blocks = args.list('blocks', 'invalid_blocks_format');
  if (blocks === undefined) return undefined;
  if (!blocks.every((block): block is JsonObject & Block => isBlock(block)))
    throw new SlackApiError('invalid_blocks');
  const problems = blockProblems(blocks);
  if (problems.length === 0) return blocks;
  throw new SlackApiError('invalid_blocks', { errors: problems, response_metadata: { messages: problems } });
}
