import type { TokenId } from '../../inference/engine/engine.ts';
import { Speculation } from '../../inference/engine/speculation.ts';

/**
 * The worst that a reply can do to speculation: behind whatever occurred before, it goes on as it did not then. Two words are
 * enough, of which it always takes the one that is not proposed.
 */
export function contraryReply(
  prompt: readonly TokenId[],
  [one, other]: readonly [TokenId, TokenId],
  length: number,
): readonly TokenId[] {
  const speculation = new Speculation();
  for (const id of prompt) speculation.read(id);
  return Array.from({ length }, () => {
    const [proposed] = speculation.propose(1).tokens;
    const next = proposed === one ? other : one;
    speculation.accept(next);
    return next;
  });
}
