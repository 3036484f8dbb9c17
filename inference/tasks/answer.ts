import type { EndReason } from '../engine/engine.ts';
import { InferenceError } from '../errors.ts';
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
 * possible, else with "…". The texts returned by `push` and `end`, joined, are `text`.
 */
export class AnswerStream {
  readonly #form: AnswerForm;
  /** What the model wrote before the first character of the answer. */
  #opening: string | undefined = '';
  #answer = '';
  /** How much of the answer is shown; more is never taken back. */
  #shown = 0;
  #sentences = 0;
  /** Behind the last whole sentence. */
  #whole = 0;
  /** The mark of an answer that was broken off. */
  #ended = '';

  /**
   * @param resumed an answer that was interrupted: what the model had written, and the beginning of it that people saw.
   * @throws InferenceError `REQUEST_INVALID` when the one does not come from the other.
   */
  constructor(form: AnswerForm, resumed: { readonly written: string; readonly shown: string } = EMPTY) {
    this.#form = form;
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
    this.#findSentences(false);
  }

  /** All that is shown. */
  get text(): string {
    return this.#answer.slice(0, this.#shown) + this.#ended;
  }

  /** The form allows no more: the rest of the continuation need not be written. */
  get done(): boolean {
    return this.#form.sentences !== undefined && this.#sentences >= this.#form.sentences;
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
      this.#findSentences(false);
    }
    if (this.done || tokensLeft < HELD_TOKENS) return this.#showTo(this.#whole);
    return this.#showTo(visibleLength(this.#answer));
  }

  /** The continuation is over; returns what is still to be shown. */
  end(reason: EndReason): string {
    if (this.#ended !== '') return '';
    if (this.#opening !== undefined) this.#begin(this.#opening);
    this.#findSentences(true);
    if (this.done) return this.#showTo(this.#whole);
    const length = this.#answer.trimEnd().length;
    if (reason !== 'length' || this.#whole === length) return this.#showTo(length);
    if (this.#whole > 0 && this.#whole >= this.#shown) return this.#showTo(this.#whole);
    return this.#breakOff(length);
  }

  /** Shows the unfinished sentence after all, since its beginning was seen or there is nothing else, to its last word. */
  #breakOff(length: number): string {
    // The word at the limit may be half a word.
    const words = this.#answer.slice(0, length).search(/\s+\S*$/);
    const rest = this.#showTo(words > this.#shown ? words : length);
    this.#ended = this.#shown === 0 || /(?:\.\.|…)$/.test(this.text) ? '' : BROKEN_OFF;
    return rest + this.#ended;
  }

  #write(text: string): void {
    if (this.#opening === undefined) {
      this.#answer += text;
      return;
    }
    this.#opening += text;
    const answer = this.#opening.replace(ECHOES, '');
    if (answer !== '' && !ECHO_BEGUN.test(answer)) this.#begin(answer);
  }

  #begin(text: string): void {
    this.#answer = text.replace(ECHOES, '');
    this.#opening = undefined;
  }

  #findSentences(whole: boolean): void {
    while (!this.done) {
      const end = sentenceEnd(this.#answer, this.#whole, whole);
      if (end === undefined) return;
      this.#whole = end;
      this.#sentences += 1;
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
