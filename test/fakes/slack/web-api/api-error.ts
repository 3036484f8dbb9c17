import type { JsonObject } from '../json.ts';

/** A method's refusal: HTTP 200 with `ok: false` and this code. */
export class SlackApiError extends Error {
  readonly code: string;
  readonly details: JsonObject;

  constructor(code: string, details: JsonObject = {}) {
    super(code);
    this.name = 'SlackApiError';
    this.code = code;
    this.details = details;
  }
}

/** Slack's answer to an argument that is missing or of the wrong kind. */
export function invalidArguments(...problems: string[]): SlackApiError {
  return new SlackApiError('invalid_arguments', {
    response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
  });
}
