import { cutToFit, most } from './budget.ts';
import { EQUALS, isBlank, washPhrase } from './delimiters.ts';
import { partRead } from './notes.ts';
import { type Decoding, type Language, type Task, TaskInputError } from './task.ts';
import { type SentencePair, TRANSLATION_EXAMPLES } from './translation-examples.ts';

/** Radford et al. 2019, section 3.7: greedy; the line is over where the next pair would begin. */
const DECODING: Decoding = {
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 },
  maxNewTokens: 100,
  stop: ['\n', ` ${EQUALS}`],
  form: {},
};

/**
 * Example pairs of the form `{english} = {french}`, a line each, and then the sentence with its equals sign; into
 * English, with the sides exchanged.
 */
export const translate: Task = {
  name: 'translate',
  description: 'Translate a sentence between English and French',
  ...DECODING,

  async prompt({ text, to = 'french' }, budget) {
    if (isBlank(text)) throw new TaskInputError('There is nothing to translate. Write the sentence.');
    const sentence = washPhrase(text);
    const compose = (source: string, examples: number) => `${writePairs(to, examples)}${source} ${EQUALS}`;
    const decoding = { ...DECODING, form: { unlike: sentence } };
    const whole = await most(0, PAIRS, (examples) => compose(sentence, examples), budget);
    if (whole) return { ...whole.prompt, decoding };
    // Without an example there is no translation at all.
    const cut = await cutToFit(sentence, (kept) => compose(kept, 1), {
      keep: 'start',
      wash: washPhrase,
      limit: budget.promptTokens,
      budget,
    });
    const { text: prompt, tokens, share } = cut;
    return { text: prompt, tokens, decoding, note: partRead('Your text', 'beginning', share) };
  },
};

const PAIRS = TRANSLATION_EXAMPLES.length;

/** The last `count` pairs. */
function writePairs(to: Language, count: number): string {
  return TRANSLATION_EXAMPLES.slice(PAIRS - count)
    .map((pair) => `${sides(pair, to).join(` ${EQUALS} `)}\n`)
    .join('');
}

function sides({ english, french }: SentencePair, to: Language): readonly [from: string, to: string] {
  return to === 'french' ? [english, french] : [french, english];
}
