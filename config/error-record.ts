/** An error as the log has it. */
export interface ErrorRecord {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: ErrorRecord;
}

/** Causes of causes beyond this are no help. */
const DEEPEST = 5;

/**
 * What may be logged of an error: its class, message, code, stack and causes, and nothing else that hangs on it. Errors of
 * the platforms' libraries carry the call that failed, and so the text of messages and, in addresses, tokens.
 */
export function errorRecord(error: unknown, depth = 0): ErrorRecord {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'something that is no error was thrown' };
  const { name, cause } = error;
  const message = withoutQuotedJson(error.message);
  const code = 'code' in error ? error.code : undefined;
  const places = error.stack?.split('\n').filter((line) => /^\s+at /u.test(line)) ?? [];
  return {
    type: name,
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(places.length > 0 && { stack: [`${name}: ${message}`, ...places].join('\n') }),
    ...(cause !== undefined && depth < DEEPEST && { cause: errorRecord(cause, depth + 1) }),
  };
}

/** V8 quotes what it could not parse: a piece of a platform's answer, and with it of what somebody wrote. */
function withoutQuotedJson(message: string): string {
  return message.replace(/(?:, )?(?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON/su, ' (not valid JSON)').trim();
}
