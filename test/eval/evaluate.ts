import type { Engine } from '../../inference/engine/engine.ts';
import { type Answer, answer } from './answering.ts';
import { type EvalData, evenly } from './data.ts';
import { measureForm } from './form.ts';
import { measurePerplexity } from './perplexity.ts';
import { measureQuestions } from './questions.ts';
import type { Row } from './row.ts';
import { measureSchemas } from './schemas.ts';
import { canBeSummedUp, measureSummaries } from './summaries.ts';

/** What can be evaluated, by name; `npm run eval -- NAME …` runs only those. */
export const SECTIONS = ['perplexity', 'ask', 'summarize', 'choose', 'form'] as const;
export type SectionName = (typeof SECTIONS)[number];

export interface EvalOptions {
  readonly names: readonly SectionName[];
  /** Items of each kind at most. */
  readonly limit: number;
  readonly log: (line: string) => void;
}

export interface Evaluation {
  readonly rows: readonly Row[];
  /** What was written for it, for those who want to read it. */
  readonly answers: readonly Answer[];
}

/** All rows of one model, in the order in which they are shown. */
export async function evaluate(
  engine: Engine,
  data: EvalData,
  { names, limit, log }: EvalOptions,
): Promise<Evaluation> {
  const wanted = (...some: readonly SectionName[]) => some.some((name) => names.includes(name));
  const rows: Row[] = [];
  const answers: Answer[] = [];
  if (wanted('perplexity')) {
    const sections = evenly(data.sections, limit);
    log(`reading ${sections.length} held-out texts …`);
    rows.push(...(await measurePerplexity(engine, sections)));
  }
  // The form of an answer is looked at wherever there is one, so form alone needs them too.
  if (wanted('ask', 'form')) {
    const questions = evenly(data.questions, limit);
    log(`answering ${questions.length} questions about texts …`);
    const asked = await measureQuestions(engine, questions, data.sections);
    if (wanted('ask')) rows.push(...asked.rows);
    answers.push(...asked.answers);
  }
  if (wanted('summarize', 'form')) {
    const sections = evenly(data.sections.filter(canBeSummedUp), limit);
    log(`summing up ${sections.length} texts …`);
    const summed = await measureSummaries(engine, sections);
    if (wanted('summarize')) rows.push(...summed.rows);
    answers.push(...summed.answers);
  }
  if (wanted('choose')) {
    const schemas = evenly(data.schemas, limit);
    log(`choosing in ${schemas.length} pairs of texts …`);
    rows.push(...(await measureSchemas(engine, schemas)));
  }
  if (wanted('form')) {
    const prompts = evenly(data.prompts, limit);
    log(`answering ${prompts.length} messages …`);
    for (const { task, ...input } of prompts) answers.push(await answer(engine, task, input));
    rows.push(...measureForm(answers));
  }
  return { rows: rows.filter(({ items }) => items.length > 0), answers };
}
