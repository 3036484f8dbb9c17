export interface DownloadLimits {
  readonly mostBytes: number;
  /** For all of it, the last byte included. */
  readonly timeoutMs: number;
}

/** `refused`: the server answered with a status that is no success; redirects are among them, and never followed. */
export type Downloaded =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'too large' }
  | { readonly kind: 'refused'; readonly status: number };

/**
 * Fetches what lies at an address, and from nowhere else, as long as it stays within its limits. What the server announces
 * about the length may be wrong in either direction: the bytes that come are what counts, after decompression.
 *
 * @throws Error when the connection fails or takes too long.
 */
export async function boundedDownload(
  address: string,
  headers: Readonly<Record<string, string>>,
  { mostBytes, timeoutMs }: DownloadLimits,
): Promise<Downloaded> {
  // Whoever could redirect us could have us fetch anything that this machine can reach.
  const answer = await fetch(address, {
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok || !answer.body) {
    await answer.body?.cancel();
    return { kind: 'refused', status: answer.status };
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body) {
    length += part.byteLength;
    // Leaving the loop ends the connection.
    if (length > mostBytes) return { kind: 'too large' };
    parts.push(part);
  }
  return { kind: 'whole', bytes: Buffer.concat(parts) };
}
