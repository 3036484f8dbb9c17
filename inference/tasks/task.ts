import type { Sampling, Tokens } from '../engine/engine.ts';

/** One question with its answer. */
export interface Exchange {
  readonly question: string;
  readonly answer: string;
}

/** What a person may ask for beside the text; which ones count is the task's own business. */
export interface TaskOptions {
  /** `translate`: the language to translate into; French when absent. */
  readonly to?: Language;
  /** `write`: what was written behind the text already, blanks in front included. */
  readonly written?: string;
  /** `choose`: what may stand in the gap. */
  readonly choices?: readonly string[];
  /** `fill`, `choose`: show how likely what was found is, and what else there was. */
  readonly likelihoods?: boolean;
}

/** What a task works on; which fields count is the task's own business. */
export interface TaskInput extends TaskOptions {
  /** What the person wrote: a question, a text to sum up, a message. */
  readonly text: string;
  /** A text to answer from: a thread, a message replied to, an attachment. */
  readonly context?: string;
  /** Earlier exchanges of the conversation, oldest first. */
  readonly history?: readonly Exchange[];
}

/** The two that the paper's translation is about. */
export type Language = 'french' | 'english';

/** Room for a prompt, exact: counted by the model's own tokenizer. */
export interface Budget {
  readonly tokens: Tokens;
  /** Tokens that the prompt may have at most, so that the answer still fits into the context. */
  readonly promptTokens: number;
}

/** How the continuation becomes an answer (see `answer.ts`). */
export interface AnswerForm {
  /** The answer ends with this many whole sentences; absent: no such limit. */
  readonly sentences?: number;
  /** Saying this again is no answer. */
  readonly unlike?: string;
  /** The beginning of `unlike` is an answer all the same: a summary may quote. */
  readonly mayQuote?: boolean;
}

/** How a continuation is drawn, and where it ends. */
export interface Decoding {
  readonly sampling: Sampling;
  /** The most that an answer may take; the room left for the prompt follows from the task's. */
  readonly maxNewTokens: number;
  /** The engine ends the text before the first of these. */
  readonly stop: readonly string[];
  readonly form: AnswerForm;
}

/** A prompt, and what had to stay out of it. Plain data: a journal keeps it, so that a turn goes on after a crash. */
export interface Prompt {
  readonly text: string;
  /** Tokens of `text`, counted as a whole; never more than `Budget.promptTokens`. */
  readonly tokens: number;
  /** Where this prompt is decoded otherwise than the task's usual (`ask` from a context, for one). */
  readonly decoding?: Decoding;
  /** Plain words for the person when something was left out ("Only the first 80 % of the text fit …"). */
  readonly note?: string;
}

/**
 * A way to turn a request into a GPT-2 prompt and its continuation into an answer
 * (Radford et al. 2019, sections 3.4 to 3.8).
 */
export interface Task extends Decoding {
  readonly name: TaskName;
  readonly description: string;
  /**
   * @throws TaskInputError when the input cannot be worked on, with words for the person.
   * @throws InferenceError `PROMPT_TOO_LONG` when the budget does not even hold the form of the prompt.
   */
  prompt(input: TaskInput, budget: Budget): Promise<Prompt>;
}

export type TaskName = 'ask' | 'summarize' | 'translate' | 'write' | 'chat' | 'fill' | 'choose';

/** The person's input cannot be worked on; `message` tells them why and what to do instead. */
export class TaskInputError extends Error {
  readonly code = 'TASK_INPUT';

  constructor(message: string) {
    super(message);
    this.name = 'TaskInputError';
  }
}
