/** The promise's value, or undefined as soon as the signal is aborted. */
export async function unlessStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  let stopped: () => void = () => undefined;
  const stop = new Promise<undefined>((resolve) => {
    stopped = () => resolve(undefined);
    signal.addEventListener('abort', stopped, { once: true });
  });
  try {
    return await Promise.race([promise, stop]);
  } finally {
    signal.removeEventListener('abort', stopped);
  }
}
