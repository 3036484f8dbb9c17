import { cutToFit, most, size, within } from './budget.ts';
import { isBlank, washLine, washText } from './delimiters.ts';
import { partRead } from './notes.ts';
import { type Budget, type Decoding, type Exchange, type Task, TaskInputError } from './task.ts';
import { cutQuestion, type Fitted, fitTurns, washExchanges, writeTurns } from './turns.ts';

/** From memory: one line, close to the likeliest, since a fact is not improved by chance. */
const CLOSED_BOOK: Decoding = {
  // A little chance is left, so that asking again may answer otherwise; the mild penalty keeps a low temperature from
  // circling.
  sampling: { temperature: 0.3, topK: 40, topP: 1, minP: 0, repetitionPenalty: 1.1, noRepeatNgram: 0 },
  maxNewTokens: 64,
  stop: ['\n'],
  form: {},
};

/**
 * From a context: greedy, as the paper reads CoQA (Radford et al. 2019, section 3.5), and without a penalty, since the
 * answer is made of the context's own words.
 */
const FROM_CONTEXT: Decoding = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 },
  maxNewTokens: 64,
  stop: ['\nQ:', '\nA:', '\n\n\n'],
  form: {},
};

/**
 * Asks the model for what it knows, or about a context.
 *
 * @param examples pairs that lead a question without a context (the paper's question answering used some); the oldest
 * are left out first where room is short.
 */
export function askWith(examples: readonly Exchange[]): Task {
  const leading = washExchanges(examples);
  return {
    name: 'ask',
    description: 'Ask a question, also about a text',
    ...CLOSED_BOOK,

    /** Answers `text`, from `context` and with `history` where there is a context; else from memory alone. */
    async prompt({ text, context = '', history = [] }, budget) {
      if (isBlank(text)) throw new TaskInputError('There is no question. Write what you want to know.');
      const question = washLine(text);
      if (isBlank(context)) return fitTurns(leading, question, 'Your question', budget);
      const prompt = await fitContext(washText(context), washExchanges(history), question, budget);
      return { ...prompt, decoding: FROM_CONTEXT };
    },
  };
}

/** Zero-shot: no leading examples. */
export const ask: Task = askWith([]);

/**
 * The whole context with as many earlier exchanges as fit, at least the latest. Where that is too much, the question,
 * then the latest exchange, may take up to half of the budget (more if the context needs less), and the context is cut
 * to what is left.
 */
async function fitContext(
  context: string,
  history: readonly Exchange[],
  question: string,
  budget: Budget,
): Promise<Fitted> {
  const compose = (kept: string, last: number, asked = question) =>
    `${kept}\n\n${writeTurns(history, last, asked)}`;
  const everything = await within(compose(context, history.length), budget.promptTokens, budget);
  if (everything) return everything;

  const latest = Math.min(history.length, 1);
  const [contextTokens, questionTokens, latestTokens] = await Promise.all([
    size(`${context}\n\n`, budget),
    size(writeTurns(history, 0, question), budget),
    size(writeTurns(history, latest, question), budget),
  ]);
  if (contextTokens + latestTokens <= budget.promptTokens) {
    const whole = await most(latest, history.length - 1, (last) => compose(context, last), budget);
    if (whole) return whole;
  }

  const beside = budget.promptTokens - Math.min(contextTokens, Math.floor(budget.promptTokens / 2));
  const cut = questionTokens > beside ? await cutQuestion(question, beside, budget) : undefined;
  const last = latestTokens <= beside ? latest : 0;
  const { text, tokens, share } = await cutToFit(context, (kept) => compose(kept, last, cut?.kept), {
    keep: 'start',
    wash: washText,
    limit: budget.promptTokens,
    budget,
  });
  const notes = [
    ...(share < 1 ? [partRead('The text', 'beginning', share)] : []),
    ...(cut ? [partRead('Your question', 'end', cut.share)] : []),
  ];
  return { text, tokens, ...(notes.length > 0 && { note: notes.join(' ') }) };
}
