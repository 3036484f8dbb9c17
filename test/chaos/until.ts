export interface UntilOptions {
  /** Named in the error when the wait was in vain. */
  readonly what: string;
  readonly withinMs: number;
  /** How often it is looked. */
  readonly everyMs?: number;
  /** How things stand, for the error. */
  readonly state?: () => string;
}

/** Of two fakes and some processes none tells about the others: so all of it is looked at, again and again. */
const EVERY_MS = 10;

/**
 * Resolves when `look` is true.
 *
 * @throws Error after `withinMs`, with the state of things.
 */
export async function until(
  look: () => boolean | Promise<boolean>,
  { what, withinMs, everyMs = EVERY_MS, state = () => '' }: UntilOptions,
): Promise<void> {
  const late = performance.now() + withinMs;
  while (!(await look())) {
    if (performance.now() > late) throw new Error(`Waited ${withinMs} ms in vain for ${what}.\n${state()}`);
    await pause(everyMs);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
