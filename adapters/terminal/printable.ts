/** Bidirectional overrides and isolates: they would reorder what stands on the screen. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from a model or a stranger, safe to write to a terminal: no escape sequences, nothing that moves the cursor but
 * tabs and line ends.
 */
export function printable(text: string): string {
  return text.replace(STEERING, (sign) => (sign === '\n' || sign === '\t' ? sign : ''));
}
