import { sentenceEnd } from '../../inference/tasks/sentences.ts';

/** The sentences of a text, as the bot itself sees them. */
export function sentencesOf(text: string): readonly string[] {
  const sentences: string[] = [];
  for (let from = 0; from < text.length; ) {
    const end = sentenceEnd(text, from, true) ?? text.length;
    const sentence = text.slice(from, end).trim();
    if (sentence !== '') sentences.push(sentence);
    from = Math.max(end, from + 1);
  }
  return sentences;
}
