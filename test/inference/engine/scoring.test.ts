import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalEngine } from '../../../inference/engine/local-engine.ts';
import {
  FREE,
  type RandomModelParts,
  randomModelParts,
  replyTo,
  textOf,
} from '../../fixtures/random-engine.ts';

let model: RandomModelParts;
let engine: LocalEngine;
beforeAll(async () => {
  model = await randomModelParts();
  engine = model.engine();
});
afterAll(async () => {
  await engine.close();
  await model.dispose();
});

/** log softmax of double-precision logits, token by token. */
function expected(prompt: string, continuation: string): { tokens: number[]; logProbabilities: number[] } {
  const begin = [model.tokenizer.endOfText, ...model.tokenizer.encode(prompt)];
  const tokens = model.tokenizer.encode(continuation);
  const logits = model.reference.logits([...begin, ...tokens]);
  const logProbabilities = tokens.map((token, i) => {
    const behind = logits[begin.length - 1 + i]!;
    const sum = behind.reduce((total, logit) => total + Math.exp(logit), 0);
    return behind[token]! - Math.log(sum);
  });
  return { tokens, logProbabilities };
}

async function expectAgreement(prompt: string, continuations: readonly string[]): Promise<void> {
  const scores = await engine.score(prompt, continuations, 'a');
  expect(scores).toHaveLength(continuations.length);
  scores.forEach((score, i) => {
    const { tokens, logProbabilities } = expected(prompt, continuations[i]!);
    expect(score.tokens).toEqual(tokens);
    expect(score.logProbabilities).toHaveLength(tokens.length);
    score.logProbabilities.forEach((value, t) => {
      expect(value).toBeLessThan(0);
      expect(Math.abs(value - logProbabilities[t]!)).toBeLessThan(1e-4);
    });
  });
}

describe('Scores', () => {
  it('are the log-probabilities that double precision has, each continuation seen from the same prompt', async () => {
    await expectAgreement('The cat', [' sat', ' sat on the mat', 'x', ' sat']);
  });

  it('reach over prompts of several pieces', async () => {
    await expectAgreement(textOf(200), ['a', textOf(5, 3)]);
  });

  it.each([127, 128, 129, 200])(
    'reach over continuations of %i tokens: one piece, and more',
    async (length) => {
      await expectAgreement('x', [textOf(length, 2), 'y']);
    },
  );

  it('of nothing are nothing, wherever it stands among the others', async () => {
    await expectAgreement('x', ['', 'a', '', 'b', '']);
    expect(await engine.score('x', [''], 'a')).toEqual([{ tokens: [], logProbabilities: [] }]);
    expect(await engine.score('x', [], 'a')).toEqual([]);
  });

  it('are asked of an empty prompt too, behind the end-of-text', async () => {
    await expectAgreement('', ['Hello']);
  });

  it('fill the context to its last token, and are refused beyond it', async () => {
    const prompt = textOf(300);
    await expectAgreement(prompt, [textOf(99, 1)]);
    await expect(engine.score(prompt, ['a', textOf(100, 1)], 'a')).rejects.toMatchObject({
      code: 'PROMPT_TOO_LONG',
    });
    await expect(engine.score(textOf(399), [], 'a')).rejects.toMatchObject({ code: 'PROMPT_TOO_LONG' });
  });

  it('may be asked for while replies are written, and neither changes the other', async () => {
    const options = { sampling: FREE, seed: 6, maxNewTokens: 60 };
    const alone = await replyTo(engine, 'Hello', options);
    const [reply, again, ...scores] = await Promise.all([
      replyTo(engine, 'Hello', options),
      replyTo(engine, textOf(140), { ...options, conversation: 'b' }),
      ...[1, 2, 3].map((i) => expectAgreement(textOf(130, i), [textOf(140, 1), ' sat'])),
    ]);
    expect(reply.deltas).toEqual(alone.deltas);
    expect(again.tokens.length).toBeGreaterThan(0);
    expect(scores).toHaveLength(3);
  });
});
