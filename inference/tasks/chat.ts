import { isBlank, washLine } from './delimiters.ts';
import { type Decoding, type Task, TaskInputError } from './task.ts';
import { fitTurns, washExchanges } from './turns.ts';

const DECODING: Decoding = {
  // Warm enough that talk is not always the same; at 0.7 with CTRL's penalty of 1.2 (Keskar et al. 2019, section 4.1) the
  // starter broke sentences that it knows by heart. No n-gram may be forbidden: `\nQ:`, which ends the answer, stands in
  // every prompt with a memory.
  sampling: { temperature: 0.4, topK: 40, topP: 1, minP: 0, repetitionPenalty: 1.1, noRepeatNgram: 0 },
  maxNewTokens: 128,
  // A new question, a second answer to the same one, or a gap of two blank lines, behind which small models change
  // the subject.
  stop: ['\nQ:', '\nA:', '\n\n\n'],
  form: {},
};

/** The conversation as questions and answers, in which the model writes the next answer. */
export const chat: Task = {
  name: 'chat',
  description: 'Talk, with the conversation as memory',
  ...DECODING,

  /**
   * Answers `text` after `history`. That the oldest exchanges fall out of a long conversation is how memory works
   * here and gets no note; a message that is cut does.
   */
  async prompt({ text, history = [] }, budget) {
    if (isBlank(text)) throw new TaskInputError('There is no message to answer. Write what you want to say.');
    const message = washLine(text);
    const prompt = await fitTurns(washExchanges(history), message, 'Your message', budget);
    return { ...prompt, decoding: { ...DECODING, form: { unlike: message } } };
  },
};
