import { type Asked, isOver, lastLook, type ReplyMessage } from './reply.ts';

/** What became of one request. */
export interface Verdict {
  /**
   * `whole`: a complete answer. `refused`: a clear line instead of an answer, or of its end. `told`: the platform said
   * that nobody was there. `lost`: nothing. `open`: it never came to an end.
   */
  readonly end: 'whole' | 'refused' | 'told' | 'lost' | 'open';
  /** What breaks a promise, in words. */
  readonly faults: readonly Fault[];
  /** The line of a refusal. */
  readonly line?: string;
}

export interface Fault {
  readonly kind: 'twice' | 'taken back' | 'other words' | 'ping' | 'left open';
  readonly what: string;
}

/**
 * Judges what people have seen of the reply to one request.
 *
 * @param undisturbed the words that the answer has when nothing goes wrong; absent: any will do.
 */
export function judge(asked: Asked, undisturbed?: string): Verdict {
  const replies = asked.replies();
  const faults = [
    ...replies.flatMap(takenBack),
    ...replies.flatMap(({ pings }) => pings.map((name) => ({ kind: 'ping' as const, what: name }))),
    ...leftOpen(replies),
    ...twice(replies, undisturbed),
  ];
  if (replies.length === 0) return { end: asked.told() === undefined ? 'lost' : 'told', faults };
  if (!isOver(asked)) return { end: 'open', faults };
  const last = lastLook(replies.at(-1));
  if (last?.controls !== 'done') {
    const line = [last?.text ?? '', ...(last?.lines ?? [])].join(' ').trim();
    return { end: 'refused', faults, line };
  }
  const other = undisturbed === undefined ? [] : otherWords(shownWords(replies), words(undisturbed));
  return { end: 'whole', faults: [...faults, ...other] };
}

/** A text's words: what platforms make of Markdown, escapes and blanks is judged elsewhere. */
export function words(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
}

/** A word that was seen must stay: each look of a message begins with the one before it. */
function takenBack({ looks }: ReplyMessage): readonly Fault[] {
  return looks.flatMap(({ text }, index) => {
    const before = words(looks[index - 1]?.text ?? '');
    return words(text).startsWith(before)
      ? []
      : [{ kind: 'taken back', what: difference(words(text), before) }];
  });
}

function leftOpen(replies: readonly ReplyMessage[]): readonly Fault[] {
  return replies.flatMap((reply, index) => {
    const look = lastLook(reply);
    const waits = !look || (look.text === '' && index < replies.length - 1);
    const stops = look?.controls === 'running';
    return reply.open || waits || stops ? [{ kind: 'left open', what: look?.text ?? '(nothing)' }] : [];
  });
}

/** A second answer, or a message that begins where another one did. */
function twice(replies: readonly ReplyMessage[], undisturbed: string | undefined): readonly Fault[] {
  const ends = replies.filter((reply) => lastLook(reply)?.controls === 'done');
  const shown = shownWords(replies);
  const most = undisturbed === undefined ? Number.POSITIVE_INFINITY : words(undisturbed).length + LINE;
  const tooMuch = replies.length > 1 && shown.length > most;
  return ends.length > 1 || tooMuch ? [{ kind: 'twice', what: `${replies.length} messages: ${shown}` }] : [];
}

function otherWords(shown: string, expected: string): readonly Fault[] {
  return shown === expected ? [] : [{ kind: 'other words', what: difference(shown, expected) }];
}

/** Of all messages together, as they are now. */
function shownWords(replies: readonly ReplyMessage[]): string {
  return words(replies.map((reply) => lastLook(reply)?.text ?? '').join(' '));
}

/** A line that says why an answer ends is no second answer. */
const LINE = 300;

function difference(one: string, other: string): string {
  let same = 0;
  while (same < one.length && one.charAt(same) === other.charAt(same)) same += 1;
  const from = Math.max(0, same - 20);
  const part = (text: string) => `“${text.slice(from, same + 30)}”`;
  return `${part(one)} instead of ${part(other)}`;
}
