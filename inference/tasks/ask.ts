import { type Counted, cutToFit, most, mostCharacters, size, within } from './budget.ts';
import { isBlank, washLine, washText } from './delimiters.ts';
import { partRead, passagesRead } from './notes.ts';
import { closestPassages, joinPassages, type Passage } from './passages.ts';
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
 * Asks the model for what it knows, or about a context. Of a context too long to be read at once, the passages closest to
 * the question are read.
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
      const form = { unlike: question };
      if (isBlank(context)) {
        const prompt = await fitTurns(leading, question, 'Your question', budget);
        return { ...prompt, decoding: { ...CLOSED_BOOK, form } };
      }
      const prompt = await fitContext(context, washExchanges(history), question, budget);
      return { ...prompt, decoding: { ...FROM_CONTEXT, form } };
    },
  };
}

/** Zero-shot: no leading examples. */
export const ask: Task = askWith([]);

/**
 * The whole context with as many earlier exchanges as fit, at least the latest. Where that is too much, the question,
 * then the latest exchange, may take up to half of the budget (more if the context needs less), and of the context the
 * passages closest to the question get what is left; its beginning, if it does not seem to be about the question at all.
 */
async function fitContext(
  context: string,
  history: readonly Exchange[],
  question: string,
  budget: Budget,
): Promise<Fitted> {
  const compose = (kept: string, last: number, asked = question) =>
    `${kept}\n\n${writeTurns(history, last, asked)}`;
  const washed = context.length <= mostCharacters(budget) ? washText(context) : undefined;
  const everything = washed && (await within(compose(washed, history.length), budget.promptTokens, budget));
  if (everything) return everything;

  const latest = Math.min(history.length, 1);
  const [contextTokens, questionTokens, latestTokens] = await Promise.all([
    washed === undefined ? Number.POSITIVE_INFINITY : size(`${washed}\n\n`, budget),
    size(writeTurns(history, 0, question), budget),
    size(writeTurns(history, latest, question), budget),
  ]);
  if (washed !== undefined && contextTokens + latestTokens <= budget.promptTokens) {
    const whole = await most(latest, history.length - 1, (last) => compose(washed, last), budget);
    if (whole) return whole.prompt;
  }

  const beside = budget.promptTokens - Math.min(contextTokens, Math.floor(budget.promptTokens / 2));
  const cut = questionTokens > beside ? await cutQuestion(question, beside, budget) : undefined;
  const last = latestTokens <= beside ? latest : 0;
  const around = (kept: string) => compose(kept, last, cut?.kept);
  const read =
    (await fitPassages(context, question, around, budget)) ?? (await fitBeginning(context, around, budget));
  const notes = [read.note, cut && partRead('Your question', 'end', cut.share)].filter(
    (note) => note !== undefined,
  );
  return { text: read.text, tokens: read.tokens, ...(notes.length > 0 && { note: notes.join(' ') }) };
}

/** Undefined when no passage has to do with the question, or not even the closest one fits. */
async function fitPassages(
  context: string,
  question: string,
  compose: (kept: string) => string,
  budget: Budget,
): Promise<Fitted | undefined> {
  const closest = await closestPassages(context, question);
  const candidates = closest.slice(0, Math.ceil(budget.promptTokens / FEWEST_TOKENS));
  const write = (passages: readonly Passage[]) => compose(washText(joinPassages(context, passages)));
  const fitting = await most(1, candidates.length, (count) => write(candidates.slice(0, count)), budget);
  if (!fitting) return undefined;
  const whole = candidates.slice(0, fitting.pieces);
  const last = candidates[fitting.pieces];
  const more = last && (await fitPart(context, last, (part) => write([...whole, part]), budget));
  const read = [...whole, ...(more ? [more.part] : [])].reduce((sum, { from, to }) => sum + to - from, 0);
  return { ...(more?.prompt ?? fitting.prompt), note: passagesRead(read / context.length) };
}

/** The beginning of one more passage, into the room that is left. */
async function fitPart(
  context: string,
  { from, to }: Passage,
  write: (part: Passage) => string,
  budget: Budget,
): Promise<{ readonly prompt: Counted; readonly part: Passage } | undefined> {
  const room = budget.promptTokens - (await size(write({ from, to: from }), budget)) - PASSAGE_BORDER;
  if (room < FEWEST_TOKENS) return undefined;
  const part = { from, to: from + (await budget.tokens.fit(context.slice(from, to), room, 'start')).length };
  const prompt = await within(write(part), budget.promptTokens, budget);
  return prompt && { prompt, part };
}

async function fitBeginning(
  context: string,
  compose: (kept: string) => string,
  budget: Budget,
): Promise<Fitted> {
  const beginning = washText(context.slice(0, mostCharacters(budget)));
  const { text, tokens, share } = await cutToFit(beginning, compose, {
    keep: 'start',
    wash: washText,
    limit: budget.promptTokens,
    budget,
  });
  const read = (share * beginning.length) / context.length;
  return { text, tokens, ...(read < 1 && { note: partRead('The text', 'beginning', read) }) };
}

/** No passage of prose has fewer tokens: so many passages at most are tried, of however many there are. */
const FEWEST_TOKENS = 20;
/** Tokens that the blank line beside a passage may take, and an indent. */
const PASSAGE_BORDER = 4;
