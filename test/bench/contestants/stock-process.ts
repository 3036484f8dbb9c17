import { AutoModelForCausalLM, env, Tensor } from '@xenova/transformers';
import { BENCH_SAMPLING, type Outcome, promptIds, type Work } from './contestant.ts';
import { serveContestant } from './contestant-process.ts';

/** What of the library's `generate` is used, which its types make hard to name. */
interface Generator {
  generate(options: Readonly<Record<string, unknown>>): Promise<{ readonly dims: readonly number[] }>;
}

/** `generate` of transformers.js on a standard graph; it knows no second chat. */
const [, , folder = ''] = process.argv;
env.allowRemoteModels = false;
const model = (await AutoModelForCausalLM.from_pretrained(folder, { dtype: 'fp32' })) as unknown as Generator;

serveContestant(async (work: Work): Promise<Outcome> => {
  const { promptTokens } = work;
  const inputs = new Tensor('int64', BigInt64Array.from(promptIds(work, 0), BigInt), [1, promptTokens]);
  const attention_mask = new Tensor('int64', new BigInt64Array(promptTokens).fill(1n), [1, promptTokens]);
  const generate = async (tokens: number) => {
    const began = performance.now();
    const output = await model.generate({
      inputs,
      attention_mask,
      max_new_tokens: tokens,
      do_sample: true,
      top_k: BENCH_SAMPLING.topK,
      temperature: BENCH_SAMPLING.temperature,
      repetition_penalty: BENCH_SAMPLING.repetitionPenalty,
    });
    return { ms: performance.now() - began, tokens: (output.dims[1] ?? 0) - promptTokens };
  };
  const first = await generate(1);
  const whole = await generate(work.newTokens);
  return {
    firstTokenMs: [first.ms],
    tokensPerSecond: [((whole.tokens - first.tokens) * 1000) / (whole.ms - first.ms)],
    totalMs: whole.ms,
  };
});
