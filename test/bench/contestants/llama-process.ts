import { availableParallelism } from 'node:os';
import { BENCH_SAMPLING, type Outcome, promptIds, type Work } from './contestant.ts';
import { serveContestant } from './contestant-process.ts';
import { type LlamaContext, type LlamaSequence, loadLlamaModel } from './node-llama-cpp.ts';

/** llama.cpp's own default (`penalty_last_n`); Parley looks back over the whole text. */
const PENALTY_WINDOW = 64;
/** A multiple of what llama.cpp rounds sizes up to. */
const CONTEXT_STEP = 256;

const [, , path = ''] = process.argv;
const model = await loadLlamaModel(path);

interface Room {
  readonly context: LlamaContext;
  readonly sequences: readonly LlamaSequence[];
}

/** One for each number of chats, no larger than they need: what is shared by more sequences is slower. */
const rooms = new Map<string, Promise<Room>>();

function roomFor({ chats, promptTokens, newTokens }: Work): Promise<Room> {
  const contextSize = Math.ceil((promptTokens + newTokens + 1) / CONTEXT_STEP) * CONTEXT_STEP;
  const key = `${chats} of ${contextSize}`;
  const room = rooms.get(key) ?? openRoom(chats, contextSize);
  rooms.set(key, room);
  return room;
}

async function openRoom(chats: number, contextSize: number): Promise<Room> {
  const threads = availableParallelism();
  const context = await model.createContext({ sequences: chats, contextSize, threads });
  return { context, sequences: Array.from({ length: chats }, () => context.getSequence()) };
}

serveContestant(async (work: Work): Promise<Outcome> => {
  const { sequences } = await roomFor(work);
  for (const sequence of sequences) await sequence.clearHistory();
  const began = performance.now();
  const chats = await Promise.all(sequences.map((sequence, i) => write(sequence, work, i, began)));
  return {
    firstTokenMs: chats.map(({ firstTokenMs }) => firstTokenMs),
    tokensPerSecond: chats.map(({ tokensPerSecond }) => tokensPerSecond),
    totalMs: performance.now() - began,
  };
});

async function write(sequence: LlamaSequence, work: Work, chat: number, began: number) {
  const { temperature, topK, topP, minP, repetitionPenalty } = BENCH_SAMPLING;
  const written: number[] = [];
  let first = Number.NaN;
  const tokens = sequence.evaluate(promptIds(work, chat), {
    temperature,
    topK,
    topP,
    minP,
    seed: chat,
    repeatPenalty: { punishTokens: () => written.slice(-PENALTY_WINDOW), penalty: repetitionPenalty },
    yieldEogToken: true,
  });
  for await (const token of tokens) {
    if (written.push(token) === 1) first = performance.now();
    if (written.length === work.newTokens) break;
  }
  const end = performance.now();
  return {
    firstTokenMs: first - began,
    tokensPerSecond: ((written.length - 1) * 1000) / (end - first),
  };
}
