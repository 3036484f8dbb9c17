/** What the machine or a process lacks for the moment: open files, memory, processes. */
const SHORTAGES: readonly unknown[] = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'];

/** Whether the system refused for want of something, and says nothing about what was asked for. */
export function isShortage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return SHORTAGES.includes((error as NodeJS.ErrnoException).code) || isShortage(error.cause);
}
