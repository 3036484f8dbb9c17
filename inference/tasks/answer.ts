import type { EndReason } from '../engine/engine.ts';
import { InferenceError } from '../errors.ts';
import { echoOf, type Flaw, LoopWatch, wordStart } from './flawed.ts';
import { sentenceEnd } from './sentences.ts';
import type { AnswerForm } from './task.ts';

/**
 * An English sentence has about 20 words, some 24 tokens: with so many tokens left, a sentence that begins now will
 * mostly be whole before the limit, and one that is not can still be dropped unseen.
 */
export const HELD_TOKENS = 24;

/** Blanks and the prompt's own marks, which small models like to say again before they answer. */
const ECHOES = /^(?:\s+|A:|TL;DR:)+/;
const ECHO_BEGUN = /^(?:A|TL?|TL;D?|TL;DR)$/;

/** Half of a surrogate pair, the other half still to come. */
const HALF_CHARACTER = /\p{Cs}$/u;

/**
 * Turns a continuation that is still being written into what people see of it, in such a way that text once shown
 * never changes: echoes of the prompt's form and blanks around the answer stay out, it ends after the sentences that
 * its form allows, and if the token limit cuts it, it ends with its last whole sentence wherever that is still
 * possible, else with "…". Words that repeat what was just said wait until they turn out not to go in circles; if they
 * do, the answer ends before them. An answer that only says the question again is never shown. The texts returned by
 * `push` and `end`, joined, are `text`.
 */
export class AnswerStream {
  readonly #form: AnswerForm;
  readonly #loops = new LoopWatch();
  /** What the model wrote before the first character of the answer. */
  #opening: string | undefined = '';
  /** The blanks between the prompt and the answer. */
  #blank = '';
  #answer = '';
  #echo: 'yes' | 'no' | 'open';
  /** How much of the answer is shown; more is never taken back. */
  #shown = 0;
  /** Behind each whole sentence. */
  #ends: number[] = [];
  /** The mark of an answer that was broken off. */
  #ended = '';
  readonly #said = new Set<string>();
  #circles = false;

  /**
   * @param resumed an answer that was interrupted: what the model had written, and the beginning of it that people saw.
   * @throws InferenceError `REQUEST_INVALID` when the one does not come from the other.
   */
  constructor(form: AnswerForm, resumed: { readonly written: string; readonly shown: string } = EMPTY) {
    this.#form = form;
    this.#echo = form.unlike === undefined ? 'no' : 'open';
    this.#write(resumed.written);
    // Broken off just before the interruption, the answer cannot hold its own mark.
    if (!this.#answer.startsWith(resumed.shown) && resumed.shown.endsWith(BROKEN_OFF)) {
      this.#ended = BROKEN_OFF;
    }
    const shown = resumed.shown.slice(0, resumed.shown.length - this.#ended.length);
    if (!this.#answer.startsWith(shown)) {
      throw new InferenceError(
        'REQUEST_INVALID',
        'The text shown is no beginning of the text written: start the reply again.',
      );
    }
    this.#shown = shown.length;
    this.#findSentences(this.#answer, false);
  }

  /** All that is shown. */
  get text(): string {
    return this.#answer.slice(0, this.#shown) + this.#ended;
  }

  /** What is shown as the model wrote it behind the prompt: with the blanks in front, without a mark of ours behind. */
  get written(): string {
    return this.#shown === 0 ? '' : this.#blank + this.#answer.slice(0, this.#shown);
  }

  /** The rest of the continuation need not be written: the form allows no more, or it would be no good. */
  get done(): boolean {
    return this.#full || this.#circles || this.#echo === 'yes';
  }

  /** What is wrong with the answer; whether it is empty is known at its end. */
  get flaw(): Flaw | undefined {
    if (this.#echo === 'yes') return 'echo';
    if (this.text === '') return 'empty';
    return this.#circles ? 'loop' : undefined;
  }

  get #full(): boolean {
    return this.#form.sentences !== undefined && this.#ends.length >= this.#form.sentences;
  }

  /** Behind the last whole sentence. */
  get #whole(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /**
   * Takes the next piece of the continuation; returns what may be shown now.
   *
   * @param tokensLeft how many tokens the model may still draw behind this piece.
   */
  push(text: string, tokensLeft: number): string {
    if (this.#ended !== '') return '';
    if (!this.done) {
      this.#write(text);
      this.#findSentences(this.#answer, false);
    }
    if (this.#echo !== 'no' || this.#circles) return '';
    if (this.#full) return this.#showTo(this.#whole);
    const allowed = tokensLeft < HELD_TOKENS ? this.#whole : visibleLength(this.#answer);
    return this.#showTo(this.#answer.slice(0, Math.min(allowed, this.#loops.held)).trimEnd().length);
  }

  /** The continuation is over; returns what is still to be shown. */
  end(reason: EndReason): string {
    if (this.#ended !== '') return '';
    if (this.#opening !== undefined) this.#begin(this.#opening);
    this.#examine(true);
    this.#findSentences(this.#answer, true);
    if (this.#echo === 'yes') return '';
    if (this.#full) return this.#showTo(this.#whole);
    if (this.#circles) return this.#endCircles();
    const length = this.#answer.trimEnd().length;
    if (reason !== 'length' || this.#whole === length) return this.#showTo(length);
    if (this.#whole > 0 && this.#whole >= this.#shown) return this.#showTo(this.#whole);
    return this.#breakOff(length);
  }

  /** Shows the unfinished sentence after all, since its beginning was seen or there is nothing else, to its last word. */
  #breakOff(length: number): string {
    // The word at the limit may be half a word.
    const words = this.#answer.slice(0, length).search(/\s+\S*$/);
    const rest = this.#showTo(words > 0 && words >= this.#shown ? words : length);
    this.#ended = this.#shown === 0 || /(?:\.\.|…)$/.test(this.text) ? '' : BROKEN_OFF;
    return rest + this.#ended;
  }

  /** Ends before the words that were being repeated, and with "…" where that is no sentence's end. */
  #endCircles(): string {
    const length = this.#answer.trimEnd().length;
    const rest = this.#showTo(length);
    this.#ended = this.#shown === 0 || this.#shown === this.#whole ? '' : BROKEN_OFF;
    return rest + this.#ended;
  }

  #write(text: string): void {
    if (this.#opening === undefined) {
      this.#answer += text;
      this.#examine(false);
      return;
    }
    this.#opening += text;
    const answer = this.#opening.replace(ECHOES, '');
    if (answer !== '' && !ECHO_BEGUN.test(answer)) this.#begin(this.#opening);
  }

  #begin(text: string): void {
    this.#answer = text.replace(ECHOES, '');
    this.#blank = /^\s*/.exec(text)?.[0] ?? '';
    this.#opening = undefined;
    this.#examine(false);
  }

  /** Looks for what is wrong. What comes first in the text counts, in whichever pieces it came. */
  #examine(whole: boolean): void {
    const { unlike, mayQuote = false } = this.#form;
    if (this.#echo === 'open' && unlike !== undefined)
      this.#echo = echoOf(unlike, this.#answer, whole, mayQuote);
    if (this.#circles) return;
    this.#loops.read(this.#answer, whole);
    const { loop } = this.#loops;
    if (!loop) return;
    this.#findSentences(this.#answer.slice(0, loop.noticed), false);
    if (!this.#full && !this.#circles) this.#cut(loop.from);
  }

  /** What comes from here on is said for the second time. */
  #cut(from: number): void {
    this.#circles = true;
    this.#answer = this.#answer.slice(0, from);
    this.#ends = this.#ends.filter((end) => end <= from);
  }

  #findSentences(text: string, whole: boolean): void {
    while (!this.#full) {
      const end = sentenceEnd(text, this.#whole, whole);
      if (end === undefined) return;
      const sentence = text.slice(this.#whole, end).trim();
      // Where every sentence counts, none is worth saying twice.
      const word = sentence.search(/[\p{L}\p{N}]/u);
      if (this.#form.sentences !== undefined && word !== -1 && this.#said.has(sentence)) {
        this.#cut(wordStart(text, text.indexOf(sentence, this.#whole) + word));
        return;
      }
      this.#said.add(sentence);
      this.#ends.push(end);
    }
  }

  #showTo(length: number): string {
    const from = this.#shown;
    this.#shown = Math.max(from, length);
    return this.#answer.slice(from, this.#shown);
  }
}

const BROKEN_OFF = '…';

const EMPTY = { written: '', shown: '' };

/** Blanks at the end may turn out to be the last, and half a character is none. */
function visibleLength(text: string): number {
  return text.replace(HALF_CHARACTER, '').trimEnd().length;
}
