/**
 * What can be wrong with an answer in a way that its text alone shows: nothing in it, only the question again, or words
 * that go round in circles (Holtzman et al. 2020 show how likely text degenerates into loops).
 */
export type Flaw = 'empty' | 'echo' | 'loop';

/**
 * So many words that repeat the ones just before them are a circle, and no figure of speech: "very, very, very" and a
 * short refrain stay, a sentence of that length said twice in a row does not.
 */
export const LOOP_WORDS = 12;

/** A question shorter than this may well be its own answer: "Hello!", "Good night." */
const ECHO_WORDS = 4;

/** Scripts that are written without spaces count by the character, and a word without end counts by its pieces. */
const WORD =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|(?:(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}])[\p{L}\p{M}\p{N}]){1,20}|\S/gu;
const LETTERS = /^[\p{L}\p{M}\p{N}]/u;
const UNBROKEN = /^(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}])[\p{L}\p{M}\p{N}]{1,19}$/u;

/** Half of a surrogate pair, the other half still to come. */
const HALF_CHARACTER = /[\ud800-\udbff]$/;

interface Word {
  readonly text: string;
  readonly start: number;
  /** Made of letters or digits, as opposed to a mark. */
  readonly spoken: boolean;
}

/** Offsets of a text that goes in circles. */
export interface Loop {
  /** Where the first repetition begins. */
  readonly from: number;
  /** Where there was so much of it that no doubt was left. */
  readonly noticed: number;
}

/**
 * Watches a growing text for words that repeat the words just before them. What it finds depends on the text alone, and
 * not on the pieces in which it came.
 */
export class LoopWatch {
  readonly #words: Word[] = [];
  /** At `period - 1`: how many of the last words are the same as those one period before them. */
  readonly #runs: number[] = [];
  #text = '';
  #read = 0;
  /** The last word while it may go on, and where it begins; or where the next one would. */
  #begun = '';
  #next = 0;
  #loop: Loop | undefined;

  /** The first circle; undefined while there is none. */
  get loop(): Loop | undefined {
    return this.#loop;
  }

  /** Takes the text so far, of which the text before was a beginning. `whole`: no more will come. */
  read(text: string, whole: boolean): void {
    const end = text.replace(HALF_CHARACTER, '').length;
    this.#text = text;
    this.#next = text.length;
    WORD.lastIndex = this.#read;
    this.#begun = '';
    for (let match = WORD.exec(text); match && this.#loop === undefined; match = WORD.exec(text)) {
      const [word] = match;
      const behind = match.index + word.length;
      if (behind > end) return;
      if (behind === end && !whole && UNBROKEN.test(word)) {
        this.#begun = word;
        this.#next = match.index;
        return;
      }
      this.#read = behind;
      this.#take({ text: word, start: match.index, spoken: LETTERS.test(word) });
    }
  }

  /**
   * The offset up to which the text can be shown: what is behind it repeats what was said, and may turn out to be a
   * circle, or belongs to a word still to come. Other marks are not held.
   */
  get held(): number {
    const next = this.#words.length;
    let from = next;
    this.#runs.forEach((run, i) => {
      const expected = this.#words[next - 1 - i];
      if (this.#begun !== '' && !expected?.text.startsWith(this.#begun)) return;
      from = Math.min(from, next - run);
    });
    const first = this.#words.slice(from).find(({ spoken }) => spoken);
    if (first) return wordStart(this.#text, first.start);
    const repeats = this.#begun === '' || this.#words.some((word) => word.text.startsWith(this.#begun));
    return repeats ? wordStart(this.#text, this.#next) : Number.POSITIVE_INFINITY;
  }

  #take(word: Word): void {
    const at = this.#words.push(word) - 1;
    if (at > 0) this.#runs.push(0);
    for (let period = 1; period <= at; period += 1) {
      const same = this.#words[at - period]?.text === word.text;
      const run = same ? (this.#runs[period - 1] ?? 0) + 1 : 0;
      this.#runs[period - 1] = run;
      if (run >= Math.max(period, LOOP_WORDS)) {
        const first = this.#words.slice(at - run + 1).find(({ spoken }) => spoken);
        // Marks were not held, so that as many of them stay as it took to notice.
        const from = first ? wordStart(this.#text, first.start) : this.#read;
        this.#loop = { from: Math.min(this.#loop?.from ?? from, from), noticed: this.#read };
      }
    }
  }
}

/** Where a word begins that is found at this offset: at the quotes, brackets and the like that open it. */
export function wordStart(text: string, at: number): number {
  const opening = /(?:^|\s)([^\p{L}\p{M}\p{N}\s]{0,8})$/u.exec(
    text.slice(Math.max(0, at - LONGEST_OPENING), at),
  );
  return at - (opening?.[1]?.length ?? 0);
}

const LONGEST_OPENING = 9;

/**
 * Whether an answer only says again what was asked: `open` while that cannot be known yet. Case and marks do not count.
 *
 * @param whole no more of the answer will come.
 * @param mayQuote only all of it counts as said again, and not its beginning.
 */
export function echoOf(
  asked: string,
  answer: string,
  whole: boolean,
  mayQuote = false,
): 'yes' | 'no' | 'open' {
  const expected = spokenWords(asked.slice(0, LONGEST_ANSWER));
  if (expected.length < ECHO_WORDS) return 'no';
  const said = spokenWords(answer);
  const last = said.length - 1;
  const growing = !whole && /[\p{L}\p{M}\p{N}\p{Cs}]$/u.test(answer);
  const same = said
    .slice(0, expected.length)
    .every((word, i) =>
      growing && i === last ? expected[i]?.startsWith(word) === true : word === expected[i],
    );
  if (!same) return 'no';
  if (said.length > expected.length || (said.length === expected.length && !growing)) return 'yes';
  if (!whole) return 'open';
  return said.length >= ECHO_WORDS && !mayQuote ? 'yes' : 'no';
}

/** Characters; more than a model's context holds. What is behind them in a question cannot be said again. */
const LONGEST_ANSWER = 16_384;

function spokenWords(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}
