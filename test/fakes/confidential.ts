/** What has passed through the fakes of this process and belongs into no log: texts of people and answers, and secrets. */
export interface Confidential {
  readonly texts: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
}

const texts = new Set<string>();
const secrets = new Set<string>();

export const confidential: Confidential = { texts, secrets };

/** A text that somebody wrote, or the bot for somebody. */
export function keepText(text: string): void {
  if (text.trim() !== '') texts.add(text);
}

/** Every `value` in a payload: what somebody typed into the options of a command or the fields of a form. */
export function keepTextsIn(payload: unknown): void {
  if (typeof payload !== 'object' || payload === null) return;
  for (const [name, part] of Object.entries(payload)) {
    if (name === 'value' && typeof part === 'string') keepText(part);
    else keepTextsIn(part);
  }
}

/** @returns the secret. */
export function keepSecret(secret: string): string {
  secrets.add(secret);
  return secret;
}
