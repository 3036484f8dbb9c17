import type { Engine, GenerateOptions, GenerateResult, TokenId } from '../../inference/engine/engine.ts';
import { BENCH_SAMPLING } from './contestants/contestant.ts';

/** Writes a whole reply as chats are written; `onText` is called as it grows. */
export async function write(
  engine: Engine,
  prompt: string,
  options: Partial<GenerateOptions> & Pick<GenerateOptions, 'maxNewTokens'>,
  onText: (tokens: readonly TokenId[]) => void = () => undefined,
): Promise<GenerateResult> {
  const whole = { sampling: BENCH_SAMPLING, stop: [], conversation: 'bench', seed: 1, ...options };
  for await (const chunk of engine.generate(prompt, whole)) {
    if (chunk.type === 'text') onText(chunk.tokens);
    if (chunk.type === 'end') return chunk.result;
  }
  throw new Error('The engine ended without a result.');
}
