import type { Milliseconds } from '../inference/engine/engine.ts';
import type { Clock } from './clock.ts';

/** Resolves when the work is done, or after so long; the work itself goes on. */
export async function noLongerThan(
  limit: Milliseconds,
  work: Promise<unknown>,
  clock: Pick<Clock, 'after'>,
): Promise<void> {
  let cancel: () => void = () => undefined;
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(limit, resolve);
  });
  await Promise.race([work, late]);
  cancel();
}
