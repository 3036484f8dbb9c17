import type { Outcome, Work } from './contestant.ts';

export type ToContestant = { readonly work: Work } | { readonly close: true };
export type FromContestant =
  | { readonly ready: true }
  | { readonly outcome: Outcome }
  | { readonly error: string };

/** The other end of `remoteContestant`: does the work that comes, and ends when it is told to. */
export function serveContestant(run: (work: Work) => Promise<Outcome>): void {
  const send = (message: FromContestant) => process.send?.(message);
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (message: ToContestant) => {
    if ('close' in message) return process.exit(0);
    try {
      send({ outcome: await run(message.work) });
    } catch (error) {
      send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  send({ ready: true });
}
