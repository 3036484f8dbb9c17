import type { Engine } from '../../inference/engine/engine.ts';
import { type Answer, answer } from './answering.ts';
import type { Question, Section } from './data.ts';
import { isRefusal } from './refusal.ts';
import { mean, type Row, share } from './row.ts';
import { sentencesOf } from './sentences.ts';
import { match } from './squad.ts';

/** `ask` about a section: exact match and F1 of what is in it, and how often what is not in it is said to be missing. */
export async function measureQuestions(
  engine: Engine,
  questions: readonly Question[],
  sections: readonly Section[],
): Promise<{ readonly rows: readonly Row[]; readonly answers: readonly Answer[] }> {
  const texts = new Map(sections.map(({ id, text }) => [id, text]));
  const asked: {
    readonly references: readonly string[];
    readonly given: Answer;
    readonly closest: string;
  }[] = [];
  for (const { section, question, answers } of questions) {
    const context = texts.get(section) ?? '';
    const given = await answer(engine, 'ask', { text: question, context });
    asked.push({ references: answers, given, closest: closestSentence(context, question) });
  }
  const answerable = asked.filter(({ references }) => references.length > 0);
  const unanswerable = asked.filter(({ references }) => references.length === 0);
  const matches = answerable.map(({ references, given }) => match(given.text, references));
  const rows: readonly Row[] = [
    { what: 'ask about a text, exact match', unit: '%', items: mean(matches.map(({ exact }) => exact)) },
    {
      what: 'ask about a text, F1',
      unit: '%',
      items: mean(matches.map(({ f1 }) => f1)),
      paper: '55 (CoQA, 1.5 B)',
    },
    {
      what: '· beside it: the sentence that shares most words with the question, F1',
      unit: '%',
      baseline: true,
      items: mean(answerable.map(({ references, closest }) => match(closest, references).f1)),
    },
    {
      what: 'ask what the text does not say: refused',
      unit: '%',
      items: share(unanswerable.map(({ given }) => isRefusal(given.text))),
    },
    {
      what: 'ask what the text does say: refused all the same',
      unit: '%',
      lowerIsBetter: true,
      items: share(answerable.map(({ given }) => isRefusal(given.text))),
    },
  ];
  return { rows, answers: asked.map(({ given }) => given) };
}

/** What a program without a model would answer; of several, the first. */
function closestSentence(context: string, question: string): string {
  const asked = new Set(wordsOf(question));
  let closest = '';
  let most = -1;
  for (const sentence of sentencesOf(context)) {
    const common = new Set(wordsOf(sentence).filter((word) => asked.has(word))).size;
    if (common <= most) continue;
    most = common;
    closest = sentence;
  }
  return closest;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
