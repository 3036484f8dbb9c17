import { parseArgs } from 'node:util';
import type { Size } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

export const USAGE = `npm run chaos -- [FLAGS]

Lets things go wrong around the real bot, on Discord and Slack of our own, and judges what people have seen of it.

  --seed NUMBER           what all chance is drawn from; printed, so that a run can be repeated
  --engine-kills NUMBER   how often the engine is killed in mid-reply (default 40)
  --bot-kills NUMBER      how often the bot is killed in mid-reply (default 10)
  --turns NUMBER          how many questions are asked where nothing else says when it is enough (default 36)
  --rounds NUMBER         how often everything else is done (default 8)
  --only NAME             one scenario, or "fuzz"; may be given several times
  --fuzz NUMBER           how many hostile messages go through the fuzz (default 100000)
  --soak                  an hour of traffic in a few minutes, and what it does to memory; nothing else
  --evidence              with every look of the replies that break a promise
  --list                  the scenarios
`;

export interface Flags {
  readonly seed: number;
  readonly size: Size;
  /** Names; empty: all. */
  readonly only: readonly string[];
  readonly fuzz: number;
  readonly soak: boolean;
  readonly evidence: boolean;
  readonly list: boolean;
}

/** @throws Error with words for whoever typed it. */
export function readFlags(typed: readonly string[], randomSeed: number): Flags {
  const { values } = parseArgs({
    args: [...typed],
    options: {
      seed: { type: 'string' },
      'engine-kills': { type: 'string', default: '40' },
      'bot-kills': { type: 'string', default: '10' },
      turns: { type: 'string', default: '36' },
      rounds: { type: 'string', default: '8' },
      only: { type: 'string', multiple: true, default: [] },
      fuzz: { type: 'string', default: '100000' },
      soak: { type: 'boolean', default: false },
      evidence: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  const names = [...SCENARIOS.map(({ name }) => name), 'fuzz'];
  const unknown = values.only.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no scenario ${unknown.join(', ')}. There is: ${names.join(', ')}.`);
  return {
    seed: values.seed === undefined ? randomSeed : count('seed', values.seed),
    size: {
      engineKills: count('engine-kills', values['engine-kills']),
      botKills: count('bot-kills', values['bot-kills']),
      turns: count('turns', values.turns),
      rounds: count('rounds', values.rounds),
    },
    only: values.only,
    fuzz: count('fuzz', values.fuzz),
    soak: values.soak,
    evidence: values.evidence,
    list: values.list,
  };
}

function count(flag: string, typed: string): number {
  if (/^\d{1,9}$/.test(typed)) return Number(typed);
  throw new Error(`--${flag} takes a whole number, and got "${typed}".`);
}
