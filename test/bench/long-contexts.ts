import type { Engine } from '../../inference/engine/engine.ts';
import type { Weights } from '../../inference/graph/weights.ts';
import { startEngine } from '../../inference/service.ts';
import type { BenchFolder } from './bench-folder.ts';
import { type Figure, median } from './figure.ts';
import { write } from './generating.ts';
import { promptOf } from './prompts.ts';

const MB = 2 ** 20;
const ROUNDS = 5;
/** A conversation's length when its next question comes. */
const CONVERSATION = 700;
const LONG_PROMPT = 800;
const LIMITS = { maxRows: 8, maxQueue: 64, kvBytes: 1024 * MB, prefixBytes: 192 * MB };

/** What long and growing contexts cost: the next question of a long conversation, and what running replies notice of others. */
export async function benchLongContexts(
  folder: BenchFolder,
  weights: readonly Weights[],
  log: (line: string) => void,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const kind of weights) {
    log(`Measuring long contexts at ${kind} …`);
    const model = await folder.checkpoint();
    const engine = await startEngine({
      model,
      cache: folder.cache,
      weights: kind,
      threads: 0,
      limits: LIMITS,
    });
    try {
      figures.push(await nextQuestion(engine, kind), ...(await besideLongPrompt(engine, kind)));
      figures.push(await besideLongReply(engine, kind), await acrossBuckets(engine, kind));
    } finally {
      await engine.close();
    }
  }
  return figures;
}

/** How soon the second question of a conversation is answered, beside the first one. */
async function nextQuestion(engine: Engine, weights: Weights): Promise<Figure> {
  const first: number[] = [];
  const second: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const conversation = await promptOf(engine, CONVERSATION, `conversation ${round}`);
    const next = `${conversation} and what does it say of the others?`;
    first.push((await write(engine, conversation, { maxNewTokens: 8 })).firstTokenMs);
    second.push((await write(engine, next, { maxNewTokens: 8 })).firstTokenMs);
  }
  return {
    what: `first token of the next question behind ${CONVERSATION} tokens, ${weights}`,
    unit: 'ms',
    value: median(second),
    beside: { what: 'the first question', value: median(first) },
  };
}

/** The longest time between two tokens of a running reply, while a long prompt is computed and without one. */
async function besideLongPrompt(engine: Engine, weights: Weights): Promise<readonly Figure[]> {
  const calm: number[] = [];
  const disturbed: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const running = await promptOf(engine, 128, `running ${round}`);
    const long = await promptOf(engine, LONG_PROMPT, `long ${round}`);
    const stamps: number[] = [];
    let newcomer: Promise<void> | undefined;
    let [asked, begun] = [0, 0];
    await write(engine, running, { maxNewTokens: 160, conversation: 'running' }, () => {
      stamps.push(performance.now());
      if (stamps.length !== 40) return;
      asked = performance.now();
      const first = () => {
        begun ||= performance.now();
      };
      newcomer = write(engine, long, { maxNewTokens: 4, conversation: 'long' }, first).then(() => undefined);
    });
    await newcomer;
    calm.push(longestGap(stamps.slice(5, 40)));
    disturbed.push(longestGap(stamps.filter((at, i) => i >= 39 && at <= begun)));
    whole.push(begun - asked);
  }
  return [
    {
      what: `longest gap in a running reply while a prompt of ${LONG_PROMPT} is read, ${weights}`,
      unit: 'ms',
      value: median(disturbed),
      beside: { what: 'without it', value: median(calm) },
    },
    {
      what: `first token of that prompt beside the running reply, ${weights}`,
      unit: 'ms',
      value: median(whole),
    },
  ];
}

/** What seven short chats notice of a long reply that is written beside them. */
async function besideLongReply(engine: Engine, weights: Weights): Promise<Figure> {
  const speeds: Record<'calm' | 'beside', number[]> = { calm: [], beside: [] };
  const chats = LIMITS.maxRows - 1;
  const speed = async (name: string): Promise<number> => {
    const prompts = await Promise.all(
      Array.from({ length: chats }, (_, i) => promptOf(engine, 128, `${name} ${i}`)),
    );
    const began = performance.now();
    await Promise.all(
      prompts.map((prompt, i) => write(engine, prompt, { maxNewTokens: 64, conversation: `${i}` })),
    );
    return (chats * 64 * 1000) / (performance.now() - began);
  };
  for (let round = 0; round < 3; round++) {
    speeds.calm.push(await speed(`calm ${round}`));
    const long = await promptOf(engine, LONG_PROMPT, `long reply ${round}`);
    let written: Promise<unknown> = Promise.resolve();
    await new Promise<void>((begun) => {
      written = write(engine, long, { maxNewTokens: 200, conversation: 'long' }, () => begun());
    });
    speeds.beside.push(await speed(`beside ${round}`));
    await written;
  }
  return {
    what: `${chats} chats (128 in, 64 out) while a reply behind ${LONG_PROMPT} tokens is written, ${weights}`,
    unit: 'tok/s',
    value: median(speeds.beside),
    beside: { what: 'without it', value: median(speeds.calm) },
  };
}

/** Eight replies of unequal ages, whose keys and values outgrow their place and are moved while they are written. */
async function acrossBuckets(engine: Engine, weights: Weights): Promise<Figure> {
  const longest: number[] = [];
  const usual: number[] = [];
  for (let round = 0; round < 3; round++) {
    const stamps: number[][] = Array.from({ length: LIMITS.maxRows }, () => []);
    const prompts = await Promise.all(
      stamps.map((_, i) => promptOf(engine, 96 - i, `crossing ${round}, ${i}`)),
    );
    await Promise.all(
      prompts.map((prompt, i) =>
        write(engine, prompt, { maxNewTokens: 64, conversation: `${i}` }, () => {
          stamps[i]?.push(performance.now());
        }),
      ),
    );
    // Behind the last one's first token no prompt is read any more.
    const from = Math.max(...stamps.map(([first = 0]) => first));
    const oldest = stamps[0]?.filter((at) => at > from) ?? [];
    longest.push(longestGap(oldest));
    usual.push(median(oldest.slice(1).map((at, i) => at - (oldest[i] ?? at))));
  }
  return {
    what: `longest gap in one of ${LIMITS.maxRows} replies whose keys and values are moved, ${weights}`,
    unit: 'ms',
    value: median(longest),
    beside: { what: 'its usual gap', value: median(usual) },
  };
}

function longestGap(stamps: readonly number[]): number {
  return Math.max(...stamps.slice(1).map((at, i) => at - (stamps[i] ?? at)));
}
