import { cutToFit } from './budget.ts';
import { isBlank, SUMMARY, washText } from './delimiters.ts';
import { partRead } from './notes.ts';
import { type Task, TaskInputError } from './task.ts';

/**
 * Radford et al. 2019, section 3.6: `TL;DR:` behind the text, 100 tokens by top-k sampling with k = 2, of which the
 * first three sentences are the summary.
 */
export const summarize: Task = {
  name: 'summarize',
  description: 'Sum up a text in up to three sentences',
  // Nothing that forbids or dampens repetition: a summary repeats the words of its text.
  sampling: { temperature: 1, topK: 2, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 },
  maxNewTokens: 100,
  // The next line that would begin with a delimiter belongs to something else than the summary.
  stop: ['\nTL;DR:', '\nQ:', '\nA:'],
  form: { sentences: 3 },

  /** Sums up `text`, or `context` when there is no text. Of a text that is too long, the beginning. */
  async prompt({ text, context = '' }, budget) {
    const source = washText(isBlank(text) ? context : text);
    if (isBlank(source)) {
      throw new TaskInputError(
        'There is nothing to summarise. Give a text, a file, or a message or thread to sum up.',
      );
    }
    const cut = await cutToFit(source, (kept) => `${kept}\n\n${SUMMARY}`, {
      keep: 'start',
      wash: washText,
      limit: budget.promptTokens,
      budget,
    });
    return {
      text: cut.text,
      tokens: cut.tokens,
      ...(cut.share < 1 && { note: partRead('The text', 'beginning', cut.share) }),
    };
  },
};
