import { mostCharacters, promptTokens, within } from './budget.ts';
import { isBlank, SUMMARY, washText } from './delimiters.ts';
import type { Procedure } from './procedure.ts';
import { summarizeParts } from './summarize-parts.ts';
import { type AnswerForm, type Budget, type Decoding, type TaskInput, TaskInputError } from './task.ts';
import type { RunOptions } from './task-event.ts';
import { writeAnswer } from './write-answer.ts';

/**
 * Radford et al. 2019, section 3.6: `TL;DR:` behind the text, 100 tokens by top-k sampling with k = 2, of which the
 * first three sentences are the summary.
 */
export const SUMMARY_DECODING: Decoding = {
  // Nothing that forbids or dampens repetition: a summary repeats the words of its text.
  sampling: { temperature: 1, topK: 2, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 },
  maxNewTokens: 100,
  // The next line that would begin with a delimiter belongs to something else than the summary.
  stop: ['\nTL;DR:', '\nQ:', '\nA:'],
  form: { sentences: 3 },
};

/** As many windows as the paper's kind of model can sum up while a person waits. */
export const SUMMARY_PARTS = 12;

/**
 * Sums up `text`, or `context` when there is no text. What does not fit into the model's context is summed up in parts,
 * and then together.
 *
 * @param mostParts of a longer text, so many parts spread evenly over it are read.
 */
export function summarizeIn(mostParts: number): Procedure {
  return {
    name: 'summarize',
    description: 'Sum up a text in up to three sentences',

    async *run(input, engine, options, signal) {
      const source = sourceOf(input);
      const decoding = decodingFor(options);
      const budget: Budget = {
        tokens: engine,
        promptTokens: promptTokens(engine.model.contextLength, decoding.maxNewTokens),
      };
      const whole = await wholePrompt(source, budget);
      if (whole) {
        const form = { ...decoding.form, ...unlike(source) };
        yield* writeAnswer({ ...whole, decoding: { ...decoding, form } }, engine, options, signal);
      } else {
        yield* summarizeParts(source, { mostParts, decoding, budget }, engine, options, signal);
      }
    },
  };
}

export const summarize: Procedure = summarizeIn(SUMMARY_PARTS);

/** The text with the mark behind it; washed, so that no other line begins with one. */
export function summaryPrompt(text: string): string {
  return `${washText(text)}\n\n${SUMMARY}`;
}

function sourceOf({ text, context = '' }: TaskInput): string {
  const source = isBlank(text) ? context : text;
  if (!isBlank(source)) return source;
  throw new TaskInputError(
    'There is nothing to summarise. Give a text, a file, or a message or thread to sum up.',
  );
}

function decodingFor({ maxNewTokens = SUMMARY_DECODING.maxNewTokens }: RunOptions): Decoding {
  return { ...SUMMARY_DECODING, maxNewTokens };
}

/** Undefined when the text is too long for one prompt. */
async function wholePrompt(source: string, budget: Budget) {
  if (source.length > mostCharacters(budget)) return undefined;
  return within(summaryPrompt(source), budget.promptTokens, budget);
}

/**
 * A text no longer than a summary must not be its own summary, though its first sentence may well be. Of a longer one that
 * cannot happen, and waiting until the two differ would keep the summary from the reader.
 */
function unlike(source: string): Pick<AnswerForm, 'unlike' | 'mayQuote'> {
  const LONGEST_SUMMARY = 400;
  return source.length <= LONGEST_SUMMARY ? { unlike: source, mayQuote: true } : {};
}
