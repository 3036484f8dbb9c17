import type { Seed } from '../inference/engine/engine.ts';

/** What a person wants of the seed in a conversation. */
export type SeedOrder =
  | { readonly kind: 'tell' }
  /** Every reply draws its own again. */
  | { readonly kind: 'off' }
  /** `next`: for one reply only. */
  | { readonly kind: 'fix'; readonly seed: Seed; readonly next: boolean };

export const LARGEST_SEED = 0xffff_ffff;

const FIXED = /^(\d{1,10})(?:\s+(next|all))?$/iu;
const OFF = /^(?:off|none|random|new)$/iu;

/** Reads `42`, `42 next`, `off`, or nothing at all; undefined when it is none of them. */
export function readSeedOrder(text: string): SeedOrder | undefined {
  const words = text.trim();
  if (words === '') return { kind: 'tell' };
  if (OFF.test(words)) return { kind: 'off' };
  const [, digits, reach] = FIXED.exec(words) ?? [];
  const seed = Number(digits);
  if (digits === undefined || seed > LARGEST_SEED) return undefined;
  return { kind: 'fix', seed, next: reach?.toLowerCase() === 'next' };
}

/** How it stands in a conversation. */
export interface SeedState {
  readonly fixed?: { readonly seed: Seed; readonly next: boolean };
  /** Of the last reply. */
  readonly last?: Seed;
}

/** What `/seed` answers. */
export function seedReply(order: SeedOrder, { fixed, last }: SeedState): string {
  if (order.kind === 'off') return 'From now on every reply draws a seed of its own.';
  if (order.kind === 'fix') {
    return order.next
      ? `The next reply has the seed ${order.seed}.`
      : `From now on every reply here has the seed ${order.seed}: the same request then gets the same answer, as long as the model stays the same. /seed off ends that.`;
  }
  const before = last === undefined ? '' : ` The last one had ${last}.`;
  if (!fixed) return `Every reply draws a seed of its own.${before} /seed 42 fixes it at 42.`;
  return `${fixed.next ? 'The next reply has' : 'Every reply here has'} the seed ${fixed.seed}.${before} /seed off ends that.`;
}
