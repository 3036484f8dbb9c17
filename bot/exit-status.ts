/** What the process says with its exit status. */
export const EXIT = {
  ended: 0,
  failed: 1,
  wrongUsage: 2,
  /** `EX_CONFIG` of sysexits.h. */
  wrongSettings: 78,
} as const;

/** 128 and the signal's number, as shells have it. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Settles with the exit status of the first signal to end; a second signal does not wait for anything.
 *
 * @param taken asked first: true where the signal was meant for something else.
 */
export function firstSignal(taken: (signal: NodeJS.Signals) => boolean = () => false): Promise<number> {
  return new Promise((resolve) => {
    let heard = false;
    for (const [signal, status] of Object.entries(SIGNALS)) {
      process.on(signal, (name: NodeJS.Signals) => {
        if (!heard && taken(name)) return;
        if (heard) process.exit(status);
        heard = true;
        resolve(status);
      });
    }
  });
}

/** Settles with the first error that nobody caught: a mistake in the program, after which nothing can be relied on. */
export function firstUncaught(): Promise<Error> {
  return new Promise((resolve) => {
    const take = (error: unknown) => resolve(error instanceof Error ? error : new Error(String(error)));
    process.on('uncaughtException', take);
    process.on('unhandledRejection', take);
  });
}
