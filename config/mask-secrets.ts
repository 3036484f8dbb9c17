const mask = '[secret]';

/** Shorter values would blank out ordinary words; no token is that short. */
const shortestSecret = 6;

/**
 * Makes a function that blanks out the secrets wherever they occur in a JSON text: in strings, names and numbers at
 * any depth, also as they look inside JSON within JSON and inside an address. What comes out is JSON still.
 */
export function secretMasker(secrets: readonly string[]): (json: string) => string {
  const long = secrets.filter((secret) => secret.length >= shortestSecret);
  // The longest first: a secret that contains another must not be left in halves.
  const spellings = [
    ...new Set(long.flatMap((secret) => [secret, inJson(secret), encodeURIComponent(secret)])),
  ].sort((a, b) => b.length - a.length);
  const traces = [...new Set([...spellings, ...spellings.map(inJson)])];

  const maskText = (text: string): string =>
    spellings.reduce((masked, spelling) => masked.replaceAll(spelling, mask), text);

  const maskValue = (value: unknown): unknown => {
    if (typeof value === 'string') return maskText(value);
    if (typeof value === 'number') return maskText(String(value)) === String(value) ? value : mask;
    if (Array.isArray(value)) return value.map(maskValue);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [maskText(name), maskValue(part)]));
  };

  // Values are masked, not the text: in `\nabcdef` the secret "nabcdef" does not occur. The text is searched first
  // because nearly no record holds a secret.
  return (json) =>
    traces.some((trace) => json.includes(trace)) ? JSON.stringify(maskValue(JSON.parse(json))) : json;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
