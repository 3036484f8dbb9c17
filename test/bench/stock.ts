import { AutoModelForCausalLM, env, Tensor } from '@xenova/transformers';
import { BENCH_SAMPLING, CONTEXTS, NEW_TOKENS } from './engine.ts';
import { median } from './figure.ts';
import { writeStandardModel } from './standard-graph.ts';

/** By context length. */
export type StockFigures = Readonly<Record<number, { readonly prefillMs: number; readonly decode: number }>>;

const ROUNDS = 3;

/** What of the library's `generate` is used, which its types make hard to name. */
interface Generator {
  generate(options: Readonly<Record<string, unknown>>): Promise<{ readonly dims: readonly number[] }>;
}

async function measure(checkpoint: string, folder: string): Promise<StockFigures> {
  await writeStandardModel(checkpoint, folder);
  env.allowRemoteModels = false;
  const model = (await AutoModelForCausalLM.from_pretrained(folder, {
    dtype: 'fp32',
  })) as unknown as Generator;
  const figures: Record<number, { prefillMs: number; decode: number }> = {};
  for (const context of CONTEXTS) {
    const inputs = new Tensor(
      'int64',
      BigInt64Array.from({ length: context }, (_, i) => BigInt((i * 37) % 5000)),
      [1, context],
    );
    const attention_mask = new Tensor('int64', new BigInt64Array(context).fill(1n), [1, context]);
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
      return { ms: performance.now() - began, tokens: (output.dims[1] ?? 0) - context };
    };
    await generate(1);
    const prefill: number[] = [];
    const decode: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const first = await generate(1);
      const whole = await generate(NEW_TOKENS);
      prefill.push(first.ms);
      decode.push(((whole.tokens - first.tokens) * 1000) / (whole.ms - first.ms));
    }
    figures[context] = { prefillMs: median(prefill), decode: median(decode) };
  }
  return figures;
}

const [, , checkpoint = '', folder = ''] = process.argv;
console.log(JSON.stringify(await measure(checkpoint, folder)));
