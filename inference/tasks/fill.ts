import type { Engine } from '../engine/engine.ts';
import { CANDIDATE_DECODING, sampleCandidates } from './candidates.ts';
import { aroundGap, type GapContext, showFilled, splitAtGap } from './gap.ts';
import { isUnlikely, type Ranked, rank, shares, showLikelihoods } from './likelihood.ts';
import { percent } from './notes.ts';
import type { Procedure } from './procedure.ts';
import { Tally } from './tally.ts';

/**
 * What is farther from a gap hardly changes what fills it, and every candidate costs a reading of both sides.
 */
const LIMITS = { left: 256, right: 64 };

/** Of the candidates, so many are listed. */
const LISTED = 8;

/**
 * Fills a gap in a text. GPT-2 reads from left to right, so what it would write at the gap knows nothing of what follows:
 * candidates are sampled there, and then ranked by how likely the whole text is with each of them. With nothing behind the
 * gap, the sentence is taken to end there.
 */
export const fill: Procedure = {
  name: 'fill',
  description: 'Fill a gap in a text',

  async *run({ text, likelihoods = false }, engine, options, signal) {
    const gap = splitAtGap(text);
    const { conversation, seed, now = () => performance.now() } = options;
    const { form: _, ...asked } = CANDIDATE_DECODING;
    const tally = new Tally(now, { ...asked, conversation, ...(seed !== undefined && { seed }) });
    const context = await aroundGap(gap, LIMITS, engine);
    const candidates = yield* sampleCandidates(context, engine, options, tally, signal);
    const ranked =
      candidates.length === 0 ? [] : await rankAll(context, candidates, engine, conversation, signal);
    if (!ranked || signal?.aborted) {
      yield { type: 'final', text: '', written: '', result: tally.result('aborted') };
      return;
    }
    for (const { tokens } of ranked) tally.read(tokens);
    const [best] = ranked;
    const answer = best
      ? [showFilled(gap, best.text), ...(likelihoods ? [list(ranked)] : [])].join('\n\n')
      : '';
    tally.show();
    if (answer !== '') yield { type: 'delta', text: answer, tokens: [], written: '' };
    if (context.cut) yield { type: 'note', text: 'Only the text nearest to the gap was read.' };
    const doubt = doubtAbout(ranked);
    if (doubt) yield { type: 'note', text: doubt };
    yield { type: 'final', text: answer, written: answer, result: tally.result('stop') };
  },
};

function rankAll(
  { left, joint, right }: GapContext,
  candidates: readonly string[],
  engine: Engine,
  conversation: string,
  signal: AbortSignal | undefined,
): Promise<readonly Ranked[] | undefined> {
  const rest = right.trim() === '' ? '.' : right;
  return rank(left, candidates, (candidate) => `${joint}${candidate}${rest}`, engine, conversation, signal);
}

function list(ranked: readonly Ranked[]): string {
  const tried = ranked.length === 1 ? 'the one candidate' : `${ranked.length} candidates`;
  return `How likely the whole text is with each, of ${tried}:\n${showLikelihoods(ranked, LISTED)}`;
}

/** Words for a filling that is none, or hardly one; nothing where it is good. */
function doubtAbout(ranked: readonly Ranked[]): string | undefined {
  const [best, next] = ranked;
  if (!best) {
    return 'The model found nothing that could stand there. Give more of the text before the gap, or use a larger model.';
  }
  if (isUnlikely(best)) {
    return 'Nothing that the model tried is likely there; this is only the least unlikely.';
  }
  const [first = 0, second = 0] = shares(ranked);
  return next && first < 2 * second
    ? `It is not sure: ${percent(first)}, with "${next.text}" next at ${percent(second)}.`
    : undefined;
}
