import { InferenceError } from '../errors.ts';
import type { GenerateOptions } from './engine.ts';
import { validateSampling } from './sampler/validate-sampling.ts';

const LARGEST_SEED = 2 ** 32 - 1;

/**
 * Options may come out of a journal, from another version or another model, so that the types are no proof.
 *
 * @param vocabulary Of the model, to which the tokens already shown must belong.
 * @throws InferenceError `REQUEST_INVALID`, naming the field, what it got and what it wants.
 */
export function validateOptions(options: GenerateOptions, vocabulary: number): void {
  const { sampling, maxNewTokens, seed, stop, shown, conversation } = options;
  validateSampling(sampling);
  demand('maxNewTokens', maxNewTokens, isWhole(maxNewTokens, 1, Infinity), 'a whole number from 1');
  demand(
    'seed',
    seed,
    seed === undefined || isWhole(seed, 0, LARGEST_SEED),
    `a whole number from 0 to ${LARGEST_SEED}`,
  );
  demand(
    'stop',
    stop,
    isList(stop) && stop.every((text) => typeof text === 'string' && text !== ''),
    'a list of texts, none of them empty',
  );
  demand('conversation', conversation, typeof conversation === 'string', 'a text');
  demand(
    'shown',
    shown,
    shown === undefined || (isList(shown) && shown.every((id) => isWhole(id, 0, vocabulary - 1))),
    `a list of tokens from 0 to ${vocabulary - 1}, all of this model`,
  );
}

function demand(field: keyof GenerateOptions, value: unknown, holds: boolean, wanted: string): void {
  if (holds) return;
  throw new InferenceError(
    'REQUEST_INVALID',
    `The option ${field} is ${shortly(value)}. It must be ${wanted}.`,
  );
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

function isWhole(value: unknown, from: number, to: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
}

/** Long enough to recognise what was sent. */
const SHOWN_CHARACTERS = 60;

function shortly(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
