import { readFileSync } from 'node:fs';
import { z } from 'zod';

// What is asked. data/README.md says where it comes from; models/starter/training/held_out.py writes the sections.

const section = z.strictObject({
  id: z.string(),
  kind: z.enum(['docs', 'books', 'qa']),
  source: z.string(),
  title: z.string(),
  heading: z.string(),
  text: z.string().min(1),
});

const question = z.strictObject({
  /** The section that is read. */
  section: z.string(),
  question: z.string().min(1),
  /** Each is in the section word for word: a phrase, and the sentence around it. None: the section does not say. */
  answers: z.array(z.string().min(1)),
});

const schema = z.strictObject({
  options: z.tuple([z.string().min(1), z.string().min(1)]),
  /** With `___` for the option; the first one fits into the first text, the second into the second. */
  texts: z.tuple([z.string().min(1), z.string().min(1)]),
});

const prompt = z.strictObject({
  task: z.enum(['ask', 'chat']),
  text: z.string().min(1),
  history: z.array(z.strictObject({ question: z.string(), answer: z.string() })).default([]),
});

/** A part of a page that the starter was never trained on. */
export type Section = Readonly<z.infer<typeof section>>;
export type Question = Readonly<z.infer<typeof question>>;
/** A Winograd schema: two texts that differ in a word or two, which turns round what is meant. */
export type Schema = Readonly<z.infer<typeof schema>>;
/** Something to say to the bot that has no one right answer. */
export type ChatPrompt = Readonly<z.infer<typeof prompt>>;

export interface EvalData {
  readonly sections: readonly Section[];
  readonly questions: readonly Question[];
  readonly schemas: readonly Schema[];
  readonly prompts: readonly ChatPrompt[];
}

/** @throws Error with the file and the line that is not as it should be. */
export function readData(): EvalData {
  return {
    sections: readLines('sections.jsonl', section),
    questions: readLines('questions.jsonl', question),
    schemas: readLines('schemas.jsonl', schema),
    prompts: readLines('prompts.jsonl', prompt),
  };
}

function readLines<Line>(name: string, kind: z.ZodType<Line>): readonly Line[] {
  const lines = readFileSync(new URL(`./data/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line, i) => {
    try {
      return kind.parse(JSON.parse(line));
    } catch (error) {
      throw new Error(`test/eval/data/${name}, line ${i + 1}, cannot be read.`, { cause: error });
    }
  });
}

/** As many of the items, spread evenly over all of them, so that a quick run sees every kind. */
export function evenly<Item>(items: readonly Item[], limit: number): readonly Item[] {
  if (items.length <= limit) return items;
  return Array.from({ length: limit }, (_, i) => items[Math.floor((i * items.length) / limit)]).filter(
    (item) => item !== undefined,
  );
}

/** All that the starter was never trained on, as one text. */
export function heldOutText(): string {
  return readData()
    .sections.map(({ text }) => text)
    .join('\n\n');
}
