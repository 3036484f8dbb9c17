import type {
  Chunk,
  EndReason,
  Engine,
  EngineStats,
  GenerateOptions,
  GenerateResult,
  Score,
  Seed,
  Tokens,
} from '../../../inference/engine/engine.ts';
import type { TaskEvent } from '../../../inference/tasks/task-event.ts';

export interface Asked {
  readonly prompt: string;
  readonly options: GenerateOptions;
}

export interface Script {
  /** What the model writes behind a prompt: the same text always, or as the request asks for it. */
  readonly says: string | ((asked: Asked, nth: number) => string);
  readonly reason?: EndReason;
  readonly contextLength?: number;
  /** How likely a continuation is; as likely as any other where absent. */
  readonly likelihood?: (prompt: string, continuation: string) => number;
  /** Speeds that the engine has measured; 0 for a fresh one. */
  readonly speed?: number;
}

/**
 * An engine whose model knows its texts by heart, a word a token, and keeps the contract's rules about ends. Prompts are
 * counted by the real tokenizer.
 */
export function scriptedModel(tokens: Tokens, script: Script) {
  const { says, reason = 'eos', contextLength = 512, likelihood = () => -1, speed = 100 } = script;
  const asked: Asked[] = [];
  const scored: { readonly prompt: string; readonly continuations: readonly string[] }[] = [];
  const state = { drawn: 0, closed: false };
  const stats: EngineStats = {
    model: { name: 'script', parameters: 0, weights: 'fp32', contextLength, vocabularySize: 0 },
    running: 0,
    queued: 0,
    tokensPerSecond: speed,
    promptTokensPerSecond: speed,
    generatedTokens: 0,
    kvBytes: 0,
    kvPeakBytes: 0,
    kvLimitBytes: 0,
    prefixBytes: 0,
    reusedShare: 0,
    memoryBytes: 0,
    restarts: 0,
  };
  const engine: Engine = {
    count: (text) => tokens.count(text),
    fit: (text, limit, keep) => tokens.fit(text, limit, keep),
    model: stats.model,
    stats: async () => stats,
    close: () => Promise.reject(new Error('not part of this test')),
    async score(prompt, continuations): Promise<readonly Score[]> {
      scored.push({ prompt, continuations });
      return continuations.map((text) => ({ tokens: [0], logProbabilities: [likelihood(prompt, text)] }));
    },
    async *generate(prompt, options, signal): AsyncGenerator<Chunk> {
      const request = { prompt, options };
      const text = typeof says === 'string' ? says : says(request, asked.length);
      asked.push(request);
      const words = text.match(/\s*\S+|\s+$/g) ?? [];
      let drawn = options.shown?.length ?? 0;
      const result = (why: EndReason): Chunk => ({ type: 'end', result: resultOf(why, options, drawn) });
      try {
        yield { type: 'queued', place: 1, estimatedWaitMs: 10 };
        for (; drawn < words.length; drawn += 1) {
          if (signal?.aborted) return yield result('aborted');
          if (drawn >= options.maxNewTokens) return yield result('length');
          state.drawn = drawn + 1;
          yield { type: 'text', text: words[drawn] ?? '', tokens: [drawn] };
        }
        yield result(signal?.aborted ? 'aborted' : reason);
      } finally {
        state.closed = true;
      }
    },
  };
  return { engine, asked, scored, state };
}

/** The seed that an engine without one draws. */
export const DRAWN_SEED: Seed = 1;

function resultOf(reason: EndReason, options: GenerateOptions, newTokens: number): GenerateResult {
  return {
    reason,
    contextFull: false,
    seed: options.seed ?? DRAWN_SEED,
    options,
    promptTokens: 10,
    newTokens,
    queuedMs: 1,
    firstTokenMs: 2,
    totalMs: 10,
    tokensPerSecond: 100,
  };
}

export async function collect(events: AsyncIterable<TaskEvent>): Promise<TaskEvent[]> {
  const list: TaskEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

type Of<Type extends TaskEvent['type']> = Extract<TaskEvent, { type: Type }>;

export function ofType<Type extends TaskEvent['type']>(events: readonly TaskEvent[], type: Type): Of<Type>[] {
  return events.filter((event): event is Of<Type> => event.type === type);
}

/** The last event, which must be the final one, and the only one. */
export function finalOf(events: readonly TaskEvent[]): Of<'final'> {
  const last = events.at(-1);
  if (last?.type !== 'final' || ofType(events, 'final').length !== 1)
    throw new Error('no final event, or two');
  return last;
}

export function joined(deltas: readonly { readonly text: string }[]): string {
  return deltas.map(({ text }) => text).join('');
}
