import type { JsonObject } from '../json.ts';

/** One Web API call as it arrived, and what became of it. */
export interface ApiCall {
  readonly method: string;
  /** Structured arguments parsed, everything else as text. */
  readonly args: JsonObject;
  /** Milliseconds since the epoch, on the fake's clock. */
  readonly at: number;
  /** HTTP status; undefined while unanswered, and 0 when the connection was cut. */
  status: number | undefined;
  ok: boolean;
  error?: string;
}

const STRUCTURED = ['blocks', 'chunks', 'metadata', 'prompts', 'view', 'attachments', 'loading_messages'];

/** Forms carry structures as JSON text; tests want to look into them. */
export function readableArguments(values: JsonObject): JsonObject {
  const parsed = Object.entries(values).map(([name, value]) => {
    if (!STRUCTURED.includes(name) || typeof value !== 'string') return [name, value] as const;
    try {
      return [name, JSON.parse(value) as JsonObject] as const;
    } catch {
      return [name, value] as const;
    }
  });
  return Object.fromEntries(parsed.filter(([name]) => name !== 'token'));
}
