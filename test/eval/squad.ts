/**
 * How an answer is judged against answers that people gave: exact match and F1 as SQuAD's own script computes them
 * (Rajpurkar et al. 2016). The better of several references counts.
 */
export interface Match {
  /** 1 or 0. */
  readonly exact: number;
  /** 0 to 1. */
  readonly f1: number;
}

export function match(answer: string, references: readonly string[]): Match {
  const scores = references.map((reference) => ({
    exact: normalize(answer) === normalize(reference) ? 1 : 0,
    f1: overlap(answer, reference),
  }));
  return {
    exact: Math.max(0, ...scores.map(({ exact }) => exact)),
    f1: Math.max(0, ...scores.map(({ f1 }) => f1)),
  };
}

/** Lower case, without punctuation and articles, single blanks. */
export function normalize(text: string): string {
  return text
    .toLowerCase()
    .replace(PUNCTUATION, '')
    .replace(/\b(?:a|an|the)\b/g, ' ')
    .trim()
    .replace(/\s+/g, ' ');
}

/** Python's `string.punctuation`, which is ASCII's. */
const PUNCTUATION = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/g;

/** F1 of the words in common, each counted as often as both have it. */
function overlap(answer: string, reference: string): number {
  const said = words(answer);
  const wanted = words(reference);
  if (said.length === 0 || wanted.length === 0) return said.length === wanted.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of said) {
    const times = left.get(word) ?? 0;
    if (times === 0) continue;
    left.set(word, times - 1);
    common += 1;
  }
  return (2 * common) / (said.length + wanted.length);
}

function words(text: string): readonly string[] {
  const normalized = normalize(text);
  return normalized === '' ? [] : normalized.split(' ');
}
