import type { Engine } from '../engine/engine.ts';
import { isBlank, washLine } from './delimiters.ts';
import { aroundGap, type GapContext, showFilled, splitAtGap } from './gap.ts';
import { byLikelihood, isUnlikely, type Ranked, rank, shares, showLikelihoods } from './likelihood.ts';
import { percent } from './notes.ts';
import type { Procedure } from './procedure.ts';
import { Tally } from './tally.ts';
import { TaskInputError } from './task.ts';

/** What is ranked is ranked in one list, that a person can still read. */
const MOST_CHOICES = 10;
const LONGEST_CHOICE = 200;

/** Below odds of three to two the next wording of the same text could turn the order round. */
const CLEAR_ODDS = 1.5;

/** A full stop alone follows any option as well as another. */
const SPOKEN = /[\p{L}\p{N}]/u;

/** `partial`: the likelihood of what follows, given the text up to and with the choice. `full`: of the whole text. */
type Scoring = 'full' | 'partial';

/**
 * Ranks what may stand in a gap by likelihood, as Radford et al. 2019 (section 3.4) do with the Winograd schemas, after
 * Trinh and Le 2018. Partial scoring, which they found to be the better one, needs words behind the gap; without any the
 * whole is scored. Nothing is drawn.
 */
export const choose: Procedure = {
  name: 'choose',
  description: 'Choose what fits best into a gap',

  async *run({ text, choices = [], likelihoods = false }, engine, options, signal) {
    const gap = splitAtGap(text);
    const texts = distinctChoices(choices);
    const { conversation, seed, now = () => performance.now() } = options;
    const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, noRepeatNgram: 0 };
    const asked = { sampling, maxNewTokens: 0, stop: [], conversation };
    const tally = new Tally(now, { ...asked, ...(seed !== undefined && { seed }) });
    const context = await aroundGap(gap, await limitsBeside(texts, engine), engine);
    const both = await score(context, texts, engine, conversation, signal);
    if (!both) {
      yield { type: 'final', text: '', written: '', result: tally.result('aborted') };
      return;
    }
    const scoring: Scoring = SPOKEN.test(context.right) ? 'partial' : 'full';
    const ranked = both[scoring];
    tally.read(await engine.count(context.left));
    for (const { tokens } of ranked) tally.read(tokens);
    const [best] = ranked;
    const answer = [showFilled(gap, best?.text ?? ''), ...(likelihoods ? lists(both, scoring) : [])].join(
      '\n\n',
    );
    tally.show();
    yield { type: 'delta', text: answer, tokens: [], written: '' };
    if (context.cut) yield { type: 'note', text: 'Only the text nearest to the gap was read.' };
    yield { type: 'note', text: verdict(both, scoring) };
    yield { type: 'final', text: answer, written: answer, result: tally.result('stop') };
  },
};

/**
 * Once each, and each on one line.
 *
 * @throws TaskInputError when these are no options to choose from.
 */
export function distinctChoices(choices: readonly string[]): readonly string[] {
  const texts = [...new Set(choices.filter((choice) => !isBlank(choice)).map((choice) => washLine(choice)))];
  if (texts.length < 2) {
    throw new TaskInputError(
      'There must be at least two different options to choose from. Give them with a | between them.',
    );
  }
  if (texts.length > MOST_CHOICES) {
    throw new TaskInputError(`These are ${texts.length} options. Give at most ${MOST_CHOICES}.`);
  }
  if (texts.some((choice) => choice.length > LONGEST_CHOICE)) {
    throw new TaskInputError(`An option is too long. Give options of at most ${LONGEST_CHOICE} characters.`);
  }
  return texts;
}

/** The rest of the context, two parts of three for what comes first. */
async function limitsBeside(choices: readonly string[], engine: Engine) {
  const longest = Math.max(...(await Promise.all(choices.map((choice) => engine.count(` ${choice}`)))));
  // End-of-text stands in front, and what is joined may be split otherwise than its parts.
  const room = engine.model.contextLength - longest - 8;
  return { left: Math.floor((room * 2) / 3), right: Math.floor(room / 3) };
}

async function score(
  { left, joint, right }: GapContext,
  choices: readonly string[],
  engine: Engine,
  conversation: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly [Kind in Scoring]: readonly Ranked[] } | undefined> {
  const full = await rank(
    left,
    choices,
    (choice) => `${joint}${choice}${right}`,
    engine,
    conversation,
    signal,
  );
  const partial: Ranked[] = [];
  for (const choice of SPOKEN.test(right) ? choices : []) {
    const [rest] =
      (await rank(`${left}${joint}${choice}`, [choice], () => right, engine, conversation, signal)) ?? [];
    if (rest) partial.push(rest);
  }
  return full && !signal?.aborted ? { full, partial: byLikelihood(partial) } : undefined;
}

const SCORED: Readonly<Record<Scoring, string>> = {
  partial: 'partial scoring (how likely what follows is behind each option)',
  full: 'full scoring (how likely the whole text is with each option)',
};

function lists(both: { readonly [Kind in Scoring]: readonly Ranked[] }, used: Scoring): readonly string[] {
  const kinds: readonly Scoring[] = used === 'partial' ? ['partial', 'full'] : ['full'];
  return kinds.map((kind) => {
    const heading = `${SCORED[kind]}${kind === used ? ', which decides' : ''}:`;
    return `${heading.charAt(0).toUpperCase()}${heading.slice(1)}\n${showLikelihoods(both[kind], MOST_CHOICES)}`;
  });
}

/** How sure the choice is, and whether it is one between things that nobody would write. */
function verdict(both: { readonly [Kind in Scoring]: readonly Ranked[] }, scoring: Scoring): string {
  const sure = certainty(both[scoring], scoring);
  return both.full.every(isUnlikely) ? `${sure} None of the options is likely there.` : sure;
}

function certainty(ranked: readonly Ranked[], scoring: Scoring): string {
  const [first = 0, second = 0] = shares(ranked);
  return first < second * CLEAR_ODDS
    ? `Next to a toss-up: ${percent(first)} against ${percent(second)} for "${ranked[1]?.text}", by ${SCORED[scoring]}.`
    : `Chosen with ${percent(first)} of the likelihood, by ${SCORED[scoring]}.`;
}
