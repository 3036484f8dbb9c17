import type { Engine } from '../../inference/engine/engine.ts';
import { uniform } from '../../inference/engine/random.ts';
import { type Answer, answer } from './answering.ts';
import type { Section } from './data.ts';
import { type Rouge, rouge } from './rouge.ts';
import { mean, type Row } from './row.ts';
import { sentencesOf } from './sentences.ts';

/** A section without its first sentence, and that sentence, which in documentation mostly says what the section is about. */
interface Headless {
  readonly text: string;
  readonly reference: string;
  /** Of the text. */
  readonly sentences: readonly string[];
}

/** Fewer are hardly a text to sum up. */
const FEWEST_SENTENCES = 3;
/** A reference of fewer words is a heading, or leads to a list. */
const FEWEST_WORDS = 6;
const SEED = 1;

/** The paper's figures for GPT-2 of 1.5 billion parameters with the hint, and for the extractive baselines. */
const PAPER = {
  model: { rouge1: '29.34', rouge2: '8.27', rougeL: '26.58' },
  first: { rouge1: '40.38 (Lead-3)', rouge2: '17.66 (Lead-3)', rougeL: '36.62 (Lead-3)' },
  random: { rouge1: '28.78 (Random-3)', rouge2: '8.63 (Random-3)', rougeL: '25.52 (Random-3)' },
} as const;

/** `summarize`: ROUGE of the bot's summary, of the first sentence that is left, and of a random one. */
export async function measureSummaries(
  engine: Engine,
  sections: readonly Section[],
): Promise<{ readonly rows: readonly Row[]; readonly answers: readonly Answer[] }> {
  const headless = sections.map(beheaded).filter((one) => one !== undefined);
  const answers: Answer[] = [];
  for (const { text } of headless) answers.push(await answer(engine, 'summarize', { text }));
  const written = answers.map(({ text }) => text);
  const first = headless.map(({ sentences }) => sentences[0] ?? '');
  const random = headless.map(
    ({ sentences: all }, i) => all[Math.floor(uniform(SEED, i) * all.length)] ?? '',
  );
  const judged = (summaries: readonly string[]) =>
    headless.map(({ reference }, i) => rouge(summaries[i] ?? '', reference));
  const rows = [
    ...rougeRows('summarize', PAPER.model, judged(written)),
    ...asBaseline(rougeRows('· beside it: the first sentence', PAPER.first, judged(first))),
    ...asBaseline(rougeRows('· beside it: a random sentence', PAPER.random, judged(random))),
  ];
  return { rows, answers };
}

function rougeRows(
  what: string,
  paper: Readonly<Record<keyof Rouge, string>>,
  scores: readonly Rouge[],
): readonly Row[] {
  return (['rouge1', 'rouge2', 'rougeL'] as const).map((kind) => ({
    what: `${what}, ${kind.replace('rouge', 'ROUGE-')}`,
    unit: '%',
    items: mean(scores.map((score) => score[kind])),
    paper: paper[kind],
  }));
}

function asBaseline(rows: readonly Row[]): readonly Row[] {
  return rows.map((row) => ({ ...row, baseline: true }));
}

/** Sections that are told in sentences, as opposed to lists of names. */
export function canBeSummedUp(section: Section): boolean {
  return beheaded(section) !== undefined;
}

function beheaded({ kind, text }: Section): Headless | undefined {
  if (kind !== 'docs' || /^(?:-|\d+\.) /mu.test(text)) return undefined;
  const [reference = '', ...sentences] = sentencesOf(text);
  if (sentences.length < FEWEST_SENTENCES || reference.split(/\s+/u).length < FEWEST_WORDS) return undefined;
  if (/[:…]$/u.test(reference)) return undefined;
  return { text: text.slice(text.indexOf(reference) + reference.length).trim(), reference, sentences };
}
