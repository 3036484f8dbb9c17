import { distinctChoices } from '../inference/tasks/choose.ts';
import { isBlank } from '../inference/tasks/delimiters.ts';
import { hasGap, splitAtGap } from '../inference/tasks/gap.ts';
import { type Language, TaskInputError } from '../inference/tasks/task.ts';
import type { ChatRequest } from './request.ts';
import type { Material, Route } from './router.ts';

/** `to english: …`: what a language is called, or what somebody took for one. */
const INTO = /^(?:in)?to\s+(\p{L}+)\s*(?::|$)/iu;
const LANGUAGES: Readonly<Record<string, Language>> = { french: 'french', english: 'english' };

/** `likelihoods: …` */
const LIKELIHOODS = /^likelihoods?\s*:/iu;

const EXAMPLES = {
  translate: '/translate The cat sleeps.',
  write: '/write The Old Lighthouse',
  fill: '/fill The ___ sat on the mat.',
  choose: '/choose The cup broke because ___ was hard. | the floor | the cup',
} as const;

/** What a sentence is to be translated into stands before it, or comes as an option. */
export function translateRoute(text: string, request: ChatRequest, material: Material): Route {
  const [all = '', named] = INTO.exec(text.trim()) ?? [];
  const language = String(request.options.to ?? named ?? 'french').toLowerCase();
  const to = LANGUAGES[language];
  if (!to) {
    return {
      kind: 'refuse',
      code: 'LANGUAGE_UNKNOWN',
      message: `I translate English into French, and French with "to english:" in front: /translate to english: Bonjour.`,
    };
  }
  const sentence = text.trim().slice(all.length).trim();
  if (isBlank(sentence) && material.kind === 'none') {
    return missing(`There is nothing to translate. Write it behind the command: ${EXAMPLES.translate}`);
  }
  const given = isBlank(sentence) ? material : NOTHING;
  return { kind: 'task', task: 'translate', text: sentence, material: given, options: { to } };
}

export function writeRoute(text: string, material: Material): Route {
  if (!isBlank(text)) return { kind: 'task', task: 'write', text, material: NOTHING };
  if (material.kind !== 'none') return { kind: 'task', task: 'write', text: '', material };
  return missing(
    `A text needs a title or an opening to go on from. Write it behind the command: ${EXAMPLES.write}`,
  );
}

export function fillRoute(text: string, request: ChatRequest): Route {
  const { rest, likelihoods } = readLikelihoods(text, request);
  return checked('GAP_UNCLEAR', EXAMPLES.fill, () => {
    splitAtGap(rest);
    return { kind: 'task', task: 'fill', text: rest, material: NOTHING, ...options({ likelihoods }) };
  });
}

/** Typed, a text with its options behind it: `The cup broke because ___ was hard. | the floor | the cup`. */
export function chooseRoute(text: string, request: ChatRequest): Route {
  const { rest, likelihoods } = readLikelihoods(text, request);
  const separate = request.options.options;
  const pieces = rest.split('|');
  const at = separate === undefined ? Math.max(0, pieces.findIndex(hasGap)) : 0;
  const sentence = separate === undefined ? (pieces[at] ?? '').trim() : rest;
  const others = separate === undefined ? pieces.toSpliced(at, 1) : String(separate).split('|');
  return checked('GAP_UNCLEAR', EXAMPLES.choose, () => {
    splitAtGap(sentence);
    return checked('OPTIONS_UNCLEAR', EXAMPLES.choose, () => {
      const choices = distinctChoices(others);
      return {
        kind: 'task',
        task: 'choose',
        text: sentence,
        material: NOTHING,
        options: { choices, ...(likelihoods && { likelihoods }) },
      };
    });
  });
}

/** A sentence that only begins with the word "fill" or "choose" has no gap. */
export function isMeant(task: string, text: string): boolean {
  return (task !== 'fill' && task !== 'choose') || hasGap(text);
}

const NOTHING: Material = { kind: 'none' };

function options({ likelihoods }: { readonly likelihoods: boolean }) {
  return likelihoods ? { options: { likelihoods } } : {};
}

function readLikelihoods(text: string, request: ChatRequest) {
  const trimmed = text.trim();
  const [all = ''] = LIKELIHOODS.exec(trimmed) ?? [];
  return {
    rest: trimmed.slice(all.length).trim(),
    likelihoods: all !== '' || request.options.likelihoods === true,
  };
}

function missing(message: string): Route {
  return { kind: 'refuse', code: 'TEXT_MISSING', message };
}

/** Refused at once with the task's own words, instead of when its turn has come. */
function checked(code: 'GAP_UNCLEAR' | 'OPTIONS_UNCLEAR', example: string, make: () => Route): Route {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TaskInputError)) throw error;
    return { kind: 'refuse', code, message: `${error.message} For example: ${example}` };
  }
}
