import type { Engine } from '../../inference/engine/engine.ts';
import type { Section } from './data.ts';
import type { Row } from './row.ts';

/** How well a model foretells a text. */
interface Surprise {
  readonly kind: Section['kind'];
  /** Of the whole text, the natural logarithm turned round: 0 would be certainty. */
  readonly nats: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly words: number;
}

const KINDS: Readonly<Record<Section['kind'], string>> = {
  docs: 'documentation',
  books: 'books',
  qa: 'questions and dialogues',
};

/**
 * The perplexity of held-out text. Bits per byte is what two models are compared by: a token of one vocabulary is not a
 * token of another, and a byte is a byte.
 */
export async function measurePerplexity(
  engine: Engine,
  sections: readonly Section[],
): Promise<readonly Row[]> {
  const read: Surprise[] = [];
  for (const section of sections) read.push(await surprise(engine, section));
  const bits = (what: string, some: readonly Surprise[]): Row => ({
    what,
    unit: 'bits/byte',
    lowerIsBetter: true,
    items: some.map(({ nats, bytes }) => ({ value: nats / Math.LN2, weight: bytes })),
  });
  const kinds = Object.entries(KINDS).map(([kind, called]) =>
    bits(
      `held-out ${called}`,
      read.filter((one) => one.kind === kind),
    ),
  );
  return [
    bits('held-out text', read),
    ...kinds,
    {
      what: 'held-out text, perplexity a word',
      unit: 'perplexity',
      lowerIsBetter: true,
      items: read.map(({ nats, words }) => ({ value: nats, weight: words })),
    },
    {
      what: 'held-out text, perplexity a token of its own',
      unit: 'perplexity',
      lowerIsBetter: true,
      ownVocabulary: true,
      items: read.map(({ nats, tokens }) => ({ value: nats, weight: tokens })),
    },
  ];
}

async function surprise(engine: Engine, { kind, text }: Section): Promise<Surprise> {
  let nats = 0;
  let tokens = 0;
  for await (const window of windows(engine, text)) {
    const [score] = await engine.score('', [window], 'perplexity');
    for (const logProbability of score?.logProbabilities ?? []) nats -= logProbability;
    tokens += score?.tokens.length ?? 0;
  }
  return { kind, nats, tokens, bytes: Buffer.byteLength(text), words: text.split(/\s+/u).length };
}

/** The text whole where the model can read it at once, which is nearly always, else in parts. */
async function* windows(engine: Engine, text: string): AsyncGenerator<string> {
  for (let rest = text; rest !== ''; ) {
    const window = await engine.fit(rest, engine.model.contextLength - 2, 'start');
    yield window;
    rest = rest.slice(window.length);
  }
}
