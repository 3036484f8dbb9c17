import type { Engine } from '../../inference/engine/engine.ts';
import { answer } from './answering.ts';
import type { Schema } from './data.ts';
import { type Row, share } from './row.ts';

/**
 * `choose` on Winograd schemas, by both ways of scoring that the task has. Of each pair of texts the options fit one the
 * other way round, so whoever always takes the first, the longer or the likelier option is right half of the time.
 */
export async function measureSchemas(engine: Engine, schemas: readonly Schema[]): Promise<readonly Row[]> {
  const partial: boolean[] = [];
  const full: boolean[] = [];
  for (const { options, texts } of schemas) {
    for (const [i, text] of texts.entries()) {
      const shown = await answer(engine, 'choose', { text, choices: options, likelihoods: true });
      partial.push(winner(shown.text, 'Partial scoring') === options[i]);
      full.push(winner(shown.text, 'Full scoring') === options[i]);
    }
  }
  return [
    {
      what: 'choose, partial scoring (chance: 50)',
      unit: '%',
      items: share(partial),
      paper: '70.70 (Winograd, 1.5 B)',
    },
    { what: 'choose, full scoring (chance: 50)', unit: '%', items: share(full) },
  ];
}

/** The first option of the list under a heading, as people are shown it. */
function winner(shown: string, heading: string): string {
  const list = shown.split('\n\n').find((part) => part.startsWith(heading));
  const found = /^- (.+): \S/mu.exec(list ?? '')?.[1];
  if (found === undefined) throw new Error(`There is no list under "${heading}" in: ${shown}`);
  return found;
}
