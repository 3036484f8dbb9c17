import type { JsonObject } from '../json.ts';

/** What one call brings to a stream; `mode` is absent when it brings nothing. */
export interface StreamContent {
  readonly mode: 'markdown_text' | 'chunks' | undefined;
  readonly text: string;
  readonly otherChunks: readonly JsonObject[];
}

/** @returns undefined when a chunk is not one of Slack's. */
export function streamContent(
  markdownText: string | undefined,
  chunks: readonly JsonObject[],
): StreamContent | undefined {
  const known = chunks.every(
    (chunk) =>
      (chunk.type === 'markdown_text' && typeof chunk.text === 'string') ||
      chunk.type === 'task_update' ||
      chunk.type === 'plan_update' ||
      chunk.type === 'blocks',
  );
  if (!known) return undefined;
  if (markdownText !== undefined) return { mode: 'markdown_text', text: markdownText, otherChunks: [] };
  if (chunks.length === 0) return { mode: undefined, text: '', otherChunks: [] };
  const text = chunks.map((chunk) => (chunk.type === 'markdown_text' ? String(chunk.text) : '')).join('');
  return { mode: 'chunks', text, otherChunks: chunks.filter((chunk) => chunk.type !== 'markdown_text') };
}
