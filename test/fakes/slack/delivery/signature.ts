import { createHmac } from 'node:crypto';

/** Slack's request signature, version 0: HMAC-SHA256 of `v0:<timestamp>:<body>`, in hex. */
export function sign(signingSecret: string, timestampSeconds: number, body: string): string {
  const hash = createHmac('sha256', signingSecret).update(`v0:${timestampSeconds}:${body}`).digest('hex');
  return `v0=${hash}`;
}
