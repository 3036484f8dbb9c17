import { cutToFit } from './budget.ts';
import { cleanText, DELIMITERS, isBlank } from './delimiters.ts';
import { partRead } from './notes.ts';
import { type Decoding, type Task, TaskInputError } from './task.ts';

const DECODING: Decoding = {
  // 0.8 keeps a small model on its subject for longer than 1 does.
  sampling: { temperature: 0.8, topK: 40, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 },
  // About 150 words: a message's length on chat platforms, and soon read before one asks for more.
  maxNewTokens: 200,
  stop: [],
  form: {},
};

/**
 * Goes on from a title or an opening, as the samples of Radford et al. 2019 (their appendix) and of its release were
 * made: top-k 40. The text ends where the model ends it, or with the last whole sentence that fits, and can be gone on
 * with.
 */
export const write: Task = {
  name: 'write',
  description: 'Go on from a title or an opening',
  ...DECODING,

  /**
   * The opening as it is, and behind it what was `written` already; of what is too long, the end, which is what comes
   * next goes on from. Blanks at the very end are left to the model.
   */
  async prompt({ text, written = '' }, budget) {
    if (isBlank(text)) {
      throw new TaskInputError('There is no opening. Write a title or a first sentence to go on from.');
    }
    const soFar = `${cleanText(text).trimStart()}${cleanText(written)}`.trimEnd();
    const cut = await cutToFit(soFar, (kept) => kept, {
      keep: 'end',
      wash: (kept) => kept.trimStart(),
      limit: budget.promptTokens,
      budget,
    });
    return {
      text: cut.text,
      tokens: cut.tokens,
      decoding: { ...DECODING, stop: marksNotIn(soFar) },
      ...(cut.share < 1 && { note: partRead('The text so far', 'end', cut.share) }),
    };
  },
};

/** A line that begins with a mark is another text's, unless this one has such lines. */
function marksNotIn(text: string): readonly string[] {
  return DELIMITERS.filter((mark) => !text.includes(mark)).map((mark) => `\n${mark}`);
}
