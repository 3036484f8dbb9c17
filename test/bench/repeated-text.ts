import type { TokenId } from '../../inference/engine/engine.ts';
import type { LocalEngine } from '../../inference/engine/local-engine.ts';
import type { SchedulerLimits } from '../../inference/engine/scheduler.ts';
import { GREEDY } from '../fixtures/greedy.ts';
import type { BenchContext } from './bench-context.ts';
import { type Comparison, inOneLine } from './comparison.ts';
import { contraryReply } from './contrary-reply.ts';
import { write } from './generating.ts';
import { openScriptedModel, type ScriptedModel } from './scripted-model.ts';
import { ANSWER, ARTICLE, QUESTION, SUMMARY, UNRELATED } from './summary-text.ts';

const MB = 2 ** 20;
const ROUNDS = 3;
const SHORT = 60;
const LIMITS = { maxRows: 8, maxQueue: 64, kvBytes: 1024 * MB };
/** What is switched off, and how the engine is told. Prefixes have room for all chats of one round. */
const VARIANTS = {
  'with both': { speculate: true, prefixBytes: 512 * MB },
  'no speculation': { speculate: false, prefixBytes: 512 * MB },
  'no reuse': { speculate: true, prefixBytes: 0 },
  neither: { speculate: false, prefixBytes: 0 },
} as const satisfies Record<string, Partial<SchedulerLimits>>;

export const VARIANT_NAMES = ['with both', 'no speculation', 'no reuse', 'neither'] as const;

type Variant = (typeof VARIANT_NAMES)[number];
const SPECULATION: readonly Variant[] = ['with both', 'no speculation'];

interface Told {
  readonly firstTokenMs: number;
  readonly totalMs: number;
  readonly tokensPerSecond: number;
  readonly runs: number;
}

interface Case {
  readonly what: string;
  readonly chats: number;
  readonly prompt: string;
  /** Was asked of the same text just before. */
  readonly promptBefore?: string;
  /** Whether all rounds have the same prompt, where only what comes behind it is of interest. */
  readonly samePrompt: boolean;
  readonly variants: readonly Variant[];
  readonly reply: readonly TokenId[];
  readonly measures: readonly (keyof Told)[];
}

const MEASURES = {
  firstTokenMs: { what: 'first token', unit: 'ms' },
  totalMs: { what: 'from question to end', unit: 'ms' },
  tokensPerSecond: { what: 'decode', unit: 'tok/s' },
  runs: { what: 'runs of the model', unit: 'runs' },
} as const;

/**
 * What speculation and the reuse of prefixes are worth: a summary of a text and an answer from it, which repeat some of its
 * phrases, and replies that repeat nothing or mislead it, where both must not cost anything. The words are given (see `scripted-model.ts`),
 * the work is the model's.
 */
export async function benchRepeatedText({
  folder,
  weights,
  rounds = ROUNDS,
  log,
}: BenchContext): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const kind of weights) {
    log(`Measuring repeated text at ${kind} …`);
    const model = await openScriptedModel(folder, kind);
    const cases = casesOf(model);
    const all = VARIANT_NAMES.map((name) => ({
      name,
      engine: model.engine({ ...LIMITS, ...VARIANTS[name] }),
    }));
    for (const one of cases) {
      const engines = all.filter(({ name }) => one.variants.includes(name));
      const told = new Map(engines.map(({ name }) => [name, [] as Told[]]));
      for (let round = 0; round <= rounds; round++) {
        for (let i = 0; i < engines.length; i++) {
          const { name, engine } = engines[(i + round) % engines.length] ?? raise();
          const result = await tell(model, engine, one, round);
          // The first round warms up.
          if (round > 0) told.get(name)?.push(result);
        }
      }
      for (const measure of one.measures) {
        const { what, unit } = MEASURES[measure];
        const samples = [...told].map(([name, all]) => [name, all.map((result) => result[measure])] as const);
        const comparison = {
          what: `${one.what}: ${what}, ${kind}`,
          unit,
          samples: Object.fromEntries(samples),
        };
        comparisons.push(comparison);
        log(inOneLine(comparison));
      }
    }
    for (const { engine } of all) await engine.close();
    await model.close();
  }
  return comparisons;
}

/** The summary and the answer begin with the same text, so that the answer finds it computed in each round. */
function casesOf({ tokenizer }: ScriptedModel): readonly Case[] {
  const summary = tokenizer.encode(SUMMARY);
  const article = [tokenizer.endOfText, ...tokenizer.encode(ARTICLE)];
  const share = Math.round(100 * repeatedShare(article, summary));
  const prompt = `${ARTICLE}\nTL;DR:`;
  const [yes = 0, no = 1] = tokenizer.encode(' yes no');
  const contrary = contraryReply(tokenizer.encode(prompt), [yes, no], SHORT);
  const afresh = { chats: 1, prompt, samePrompt: false, variants: VARIANT_NAMES };
  const decoding = { chats: 1, prompt, samePrompt: true, variants: SPECULATION };
  return [
    {
      ...decoding,
      what: `summary, ${summary.length} out, half of its phrases (${share} % of its tokens) from the text`,
      reply: summary,
      measures: ['tokensPerSecond', 'runs'],
    },
    {
      ...decoding,
      what: 'a reply that repeats nothing of the text',
      reply: tokenizer.encode(UNRELATED),
      measures: ['tokensPerSecond', 'runs'],
    },
    ...[1, LIMITS.maxRows].map((chats) => ({
      ...decoding,
      chats,
      what: `${chats === 1 ? 'a reply' : `${chats} replies at once`} to which every proposal is wrong`,
      reply: contrary,
      measures: ['tokensPerSecond', 'runs'] as const,
    })),
    {
      ...afresh,
      what: `summary, ${article.length} in, ${SHORT} out`,
      reply: summary.slice(0, SHORT),
      measures: ['totalMs'],
    },
    {
      ...afresh,
      what: 'answer from the same text',
      prompt: `${ARTICLE}\nQ: ${QUESTION}\nA:`,
      promptBefore: prompt,
      reply: tokenizer.encode(ANSWER),
      measures: ['firstTokenMs', 'totalMs'],
    },
    {
      ...decoding,
      what: `4 such summaries at once, ${summary.length} out each`,
      chats: 4,
      reply: summary,
      measures: ['tokensPerSecond', 'runs'],
    },
  ];
}

async function tell(model: ScriptedModel, engine: LocalEngine, asked: Case, round: number): Promise<Told> {
  const { chats, reply } = asked;
  // All prompts are equally long, and no two rounds or chats begin alike.
  const beginning = asked.samePrompt ? 0 : 1 + round;
  const prompts = Array.from(
    { length: chats },
    (_, chat) => `${mark(beginning)}${mark(chat)}${asked.prompt}`,
  );
  if (asked.promptBefore !== undefined)
    await write(engine, `${mark(beginning)}${mark(0)}${asked.promptBefore}`, { maxNewTokens: 1 });
  const promptTokens = 1 + model.tokenizer.encode(prompts[0] ?? '').length;
  model.say(promptTokens, reply);
  const runsBefore = model.runs;
  const told: { readonly at: number; readonly chat: number }[] = [];
  const results = await Promise.all(
    prompts.map(async (prompt, chat) => {
      const options = { sampling: GREEDY, maxNewTokens: reply.length, conversation: `${chat}` };
      const written: TokenId[] = [];
      const result = await write(engine, prompt, options, (tokens) => {
        written.push(...tokens);
        for (const _ of tokens) told.push({ at: performance.now(), chat });
      });
      if (written.join() !== reply.join() || result.promptTokens !== promptTokens)
        throw new Error('The script was not followed.');
      return result;
    }),
  );
  const firsts = prompts.map((_, chat) => told.find((one) => one.chat === chat)?.at ?? Number.NaN);
  const allWrite = Math.max(...firsts);
  const end = Math.max(...told.map(({ at }) => at));
  return {
    firstTokenMs: Math.max(...results.map(({ firstTokenMs }) => firstTokenMs)),
    runs: model.runs - runsBefore,
    totalMs: Math.max(...results.map(({ totalMs }) => totalMs)),
    tokensPerSecond: (told.filter(({ at }) => at > allWrite).length * 1000) / (end - allWrite),
  };
}

/** A text of two tokens in any byte-level vocabulary: control characters have no merges. */
function mark(i: number): string {
  return String.fromCharCode(1 + (i % 8), 1 + (Math.floor(i / 8) % 8));
}

/** The share of a reply's tokens that lie within four in a row which the text has, too. */
function repeatedShare(text: readonly TokenId[], reply: readonly TokenId[]): number {
  const RUN = 4;
  const runs = new Set(text.map((_, i) => text.slice(i, i + RUN).join()));
  const covered = new Set<number>();
  reply.forEach((_, i) => {
    if (i + RUN <= reply.length && runs.has(reply.slice(i, i + RUN).join()))
      for (let k = 0; k < RUN; k++) covered.add(i + k);
  });
  return covered.size / reply.length;
}

function raise(): never {
  throw new Error('There are more turns than engines.');
}
