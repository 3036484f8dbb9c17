import type { Question } from './reply.ts';

/** What is asked: short and long answers, greedy and sampled, with and without Markdown in the question. */
export const QUESTIONS: readonly Question[] = [
  { task: 'write', text: 'The Old Lighthouse' },
  { task: 'write', text: 'Once upon a time there was a king who' },
  { task: 'write', text: 'The history of the river begins' },
  { task: 'write', text: 'A letter from the captain' },
  { task: 'write', text: 'In the winter of that year' },
  { task: 'write', text: '# The Garden' },
  { task: 'write', text: 'It was a dark and stormy night; the rain fell' },
  { task: 'write', text: 'The city of London is' },
  { task: 'ask', text: 'What is a glacier?' },
  { task: 'ask', text: 'Who was the first king of England?' },
  { task: 'ask', text: 'Why is the sky blue & the grass green?' },
  { task: 'translate', text: 'The dog sleeps in the garden.' },
  { task: 'translate', text: 'I would like a cup of tea.' },
  { task: 'chat', text: 'Tell me about the sea.' },
  { task: 'chat', text: 'What do you think of *music*, my friend?' },
  { task: 'chat', text: 'How are you today?' },
];
