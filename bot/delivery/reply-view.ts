import type { TaskName } from '../../inference/tasks/task.ts';
import type { Controls, OutletLimits } from '../ports.ts';
import type { TurnEvent } from '../turn-event.ts';
import { closeMarkdown } from './closed-markdown.ts';
import { isBlank } from './open-page.ts';
import { type PageLimits, paginate } from './pages.ts';
import { type ReplyPage, ReplyPages } from './reply-pages.ts';
import { textLength } from './text-length.ts';
import { type Waiting, waitingLine } from './waiting-line.ts';

/** One message as it ought to look now. */
export interface Frame {
  readonly text: string;
  readonly controls: Controls;
  /** How much of the answer can be read once this message and those before it are shown. */
  readonly shows: number;
}

export interface ReplyViewOptions {
  /** Of the turn. */
  readonly id: string;
  readonly task: TaskName | undefined;
  readonly limits: OutletLimits;
  readonly subdue: ((line: string) => string) | undefined;
}

/** The first post is what a phone's notification shows: worth a moment, until it says something. */
const FEW_WORDS = /^\s*(?:\S+\s+){2}\S|^\s*\S(?:.|\n){19}/u;

/** For an answer of blanks alone, about which nobody else has said anything. */
const NOTHING = 'The answer is empty. Ask again, or in other words.';

/** What a turn's events amount to: the messages of its reply as they ought to look at any moment. Knows no time. */
export class ReplyView {
  readonly #id: string;
  readonly #task: TaskName | undefined;
  readonly #subdue: (line: string) => string;
  readonly #appends: boolean;
  readonly #pages: ReplyPages;
  readonly #notices: string[] = [];
  #waiting: Waiting | undefined;
  #end: Extract<TurnEvent, { type: 'final' | 'failed' }> | undefined;

  constructor({ id, task, limits, subdue = (line) => `_${line}_` }: ReplyViewOptions) {
    this.#id = id;
    this.#task = task;
    this.#subdue = subdue;
    this.#appends = limits.growth === 'append';
    this.#pages = new ReplyPages({
      maxLength: limits.messageLength,
      ...(limits.measure && { measure: limits.measure }),
    });
  }

  take(event: TurnEvent): void {
    switch (event.type) {
      case 'waiting':
      case 'queued':
      case 'progress':
        this.#waiting = event;
        return;
      case 'delta':
        this.#pages.append(event.text);
        return;
      case 'notice':
        this.#notices.push(event.text);
        return;
      default:
        this.#end = event;
    }
  }

  /** Nothing will change any more. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Of the answer as it was told so far, in UTF-16 units. */
  get length(): number {
    return this.#pages.text.length;
  }

  /** There is enough to begin with. */
  get worthPosting(): boolean {
    return this.ended || FEW_WORDS.test(this.#pages.text);
  }

  /** Ends a message's text early: the rest of the answer goes on in the next. False: it was cut before. */
  cut(index: number, shows: number): boolean {
    return this.#pages.cut(index, shows, !this.#appends);
  }

  /** Splits the text anew from a message on. */
  split(index: number, maxLength: number): void {
    this.#pages.split(index, maxLength);
  }

  get maxLength(): number {
    return this.#pages.limits.maxLength;
  }

  /** All messages, in order; none while there is nothing to say. */
  get frames(): readonly Frame[] {
    const pages = this.#pages.pages;
    const shown = this.#end ? this.#complete(pages, this.#end) : this.#growing(pages);
    return shown.map((frame, index) => ({
      ...frame,
      controls: index < shown.length - 1 ? { state: 'none' } : this.#controls,
    }));
  }

  get #controls(): Controls {
    if (!this.#end) return { state: 'running', turn: this.#id };
    if (this.#end.type === 'failed' || !this.#task) return { state: 'none' };
    return { state: 'done', turn: this.#id, task: this.#task };
  }

  #growing(pages: readonly ReplyPage[]): readonly Omit<Frame, 'controls'>[] {
    const last = pages.at(-1);
    if (!last) {
      const lines = [...this.#notices, waitingLine(this.#waiting)].map(this.#subdue);
      return this.#appends ? [] : [{ text: lines.join('\n'), shows: 0 }];
    }
    const before = pages.slice(0, -1).map(whole);
    if (last.cut) return [...before, whole(last)];
    return [...before, this.#appends ? upToLastWord(last) : closed(last, this.#pages.limits)];
  }

  #complete(
    pages: readonly ReplyPage[],
    end: Extract<TurnEvent, { type: 'final' | 'failed' }>,
  ): readonly Omit<Frame, 'controls'>[] {
    const { limits } = this.#pages;
    const last = pages.at(-1);
    const messages = end.type === 'failed' ? [...this.#notices, end.message] : this.#notices;
    const shows = last?.to ?? 0;
    const alone = (text: string) => paginate(text, limits).map((page) => ({ text: page.text, shows }));
    if (!last) return alone(messages.length > 0 ? messages.join('\n\n') : NOTHING);
    const frames = pages.map(whole);
    if (messages.length === 0) return frames;
    const lines = messages.map(this.#subdue).join('\n');
    const together = `${last.page.text}\n\n${lines}`;
    const fits = !last.cut && textLength(together, limits.measure ?? 'utf16') <= limits.maxLength;
    return fits ? [...frames.slice(0, -1), { text: together, shows }] : [...frames, ...alone(lines)];
  }
}

function whole({ page, to }: ReplyPage): Omit<Frame, 'controls'> {
  return { text: page.text, shows: to };
}

/** With everything closed that is still open, if there is room for it. */
function closed(reply: ReplyPage, limits: PageLimits): Omit<Frame, 'controls'> {
  const { page } = reply;
  const shows = reply.from + shownFrom(page) + content(page).length;
  if (page.closing !== '') return { text: page.text, shows };
  const text = closeMarkdown(page.text);
  if (textLength(text, limits.measure ?? 'utf16') > limits.maxLength) return { text: page.text, shows };
  const hidden = page.text.length - commonStart(text, page.text);
  return { text, shows: shows - hidden };
}

/** For a message that only grows: no repairs, and whole words, so that a reader would not mind if it ended there. */
function upToLastWord({ page, from }: ReplyPage): Omit<Frame, 'controls'> {
  const shown = content(page);
  let border = shown.length;
  while (border > 0 && !isBlank(shown.charAt(border - 1))) border -= 1;
  const text = shown.slice(0, border).trimEnd() || shown;
  return { text: page.reopening + text, shows: from + shownFrom(page) + text.length };
}

/** What a page shows of its source. */
function content({ text, reopening, closing }: ReplyPage['page']): string {
  return text.slice(reopening.length, text.length - closing.length);
}

/** Only blanks come before what is shown, so its first occurrence is the one. */
function shownFrom(page: ReplyPage['page']): number {
  return page.source.indexOf(content(page));
}

function commonStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one.charAt(length) === other.charAt(length)) length += 1;
  return length;
}
