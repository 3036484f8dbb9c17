import type { Channel } from './engine/channel.ts';
import type { Chunk, GenerateOptions, GenerateResult, Milliseconds, Seed, TokenId } from './engine/engine.ts';
import type { CallName, Calls, ToEngine } from './protocol.ts';

/**
 * Where a request is: `here` with us, `handed` to the process, where it may wait, or `begun`: the process is computing it
 * and may die of it.
 */
export type Whereabouts = 'here' | 'handed' | 'begun';

/** A reply in the making, with all that is needed to go on with it in another process. */
export interface StreamRequest {
  readonly kind: 'stream';
  readonly prompt: string;
  readonly options: GenerateOptions & { readonly seed: Seed };
  readonly channel: Channel<Chunk>;
  readonly shown: TokenId[];
  readonly arrived: Milliseconds;
  firstToken?: Milliseconds;
  aborted: boolean;
  where: Whereabouts;
  strikes: number;
}

/** A question with one answer. */
export interface CallRequest {
  readonly kind: 'call';
  readonly message: Extract<ToEngine, { type: 'call' }>;
  readonly resolve: (answer: Calls[CallName]['answer']) => void;
  readonly reject: (error: Error) => void;
  where: Whereabouts;
  strikes: number;
}

export type OpenRequest = StreamRequest | CallRequest;

/** The process has died of it, or of something beside it. */
export function isSuspect({ strikes }: OpenRequest): boolean {
  return strikes > 0;
}

/** Replies and scores wait for their turn, and fill the queue; the other calls are answered as they come. */
export function takesTurns(request: OpenRequest): boolean {
  return request.kind === 'stream' || request.message.name === 'score';
}

/** The engine's figures are asked for by those who watch it, who are to see that it is silent. */
export function isFigures(request: OpenRequest): boolean {
  return request.kind === 'call' && request.message.name === 'stats';
}

/** As the caller saw them: a restarted process knows only its own part. */
export function timesOf({
  arrived,
  firstToken,
}: StreamRequest): Pick<GenerateResult, 'firstTokenMs' | 'totalMs'> {
  const now = performance.now();
  return { firstTokenMs: (firstToken ?? now) - arrived, totalMs: now - arrived };
}

/**
 * The end of a reply that nobody wants any more, and no process has. What a process held back because it might have become
 * a stop string went with it, and the tokens of the prompt are known to processes only.
 */
export function abortedEnd(request: StreamRequest): Extract<Chunk, { type: 'end' }> {
  const times = timesOf(request);
  const { options, shown, firstToken } = request;
  return {
    type: 'end',
    result: {
      reason: 'aborted',
      contextFull: false,
      seed: options.seed,
      options,
      promptTokens: 0,
      newTokens: shown.length,
      queuedMs: firstToken === undefined ? times.totalMs : 0,
      ...times,
      tokensPerSecond: 0,
    },
  };
}
