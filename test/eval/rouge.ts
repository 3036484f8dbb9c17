/**
 * ROUGE (Lin 2004) of one summary against one reference, as F1: shared words (1), shared pairs of words (2), and the longest
 * common subsequence of words over the whole text (L). Words are runs of ASCII letters and digits in lower case, without
 * stemming, as in Google's `rouge_score` by default. A file of our own, because the packages for it are unmaintained or
 * compute recall only.
 */
export interface Rouge {
  /** Each 0 to 1. */
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
}

export function rouge(summary: string, reference: string): Rouge {
  const said = words(summary);
  const wanted = words(reference);
  return {
    rouge1: f1(shared(said, wanted), said.length, wanted.length),
    rouge2: f1(shared(pairs(said), pairs(wanted)), said.length - 1, wanted.length - 1),
    rougeL: f1(longestCommonSubsequence(said, wanted), said.length, wanted.length),
  };
}

function words(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

function pairs(of: readonly string[]): readonly string[] {
  return of.slice(1).map((word, i) => `${of[i]} ${word}`);
}

/** Each counted as often as both have it. */
function shared(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const each of b) left.set(each, (left.get(each) ?? 0) + 1);
  return a.filter((each) => {
    const times = left.get(each) ?? 0;
    left.set(each, times - 1);
    return times > 0;
  }).length;
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const next = [0];
    for (let j = 0; j < b.length; j += 1) {
      next.push(word === b[j] ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function f1(common: number, said: number, wanted: number): number {
  return common === 0 ? 0 : (2 * common) / (said + wanted);
}
