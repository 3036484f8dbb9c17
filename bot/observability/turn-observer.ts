import type { Delivered } from '../delivery/live-reply.ts';
import type { ChatRequest } from '../request.ts';
import type { Turn } from '../turn.ts';
import type { TurnEvent } from '../turn-event.ts';

/** `taken up`: an earlier process began it. `given up`: so long ago that it only gets an end. */
export type Beginning = 'asked' | 'taken up' | 'given up';

export type CallKind = 'post' | 'edit';

/** `limited`: the platform takes no more calls for now; asked again later, as after `failed`. */
export type CallResult = 'done' | 'limited' | 'failed';

/** Told what becomes of requests, each step when it happens. Changes nothing and never throws. */
export interface TurnObserver {
  /** Before anything is decided about it; many a request gets no turn. */
  arrived(turnId: string, request: ChatRequest): void;
  began(turn: Turn, how: Beginning): void;
  /** The same events as its reader gets; the last one is its end. */
  told(turn: Turn, event: TurnEvent): void;
  /** A platform was asked to show something: `message` is its place in the reply, from 0. */
  called(turn: Turn, call: CallKind, message: number, result: CallResult): void;
  /** The end is shown, or cannot be. */
  shown(turn: Turn, delivered: Delivered): void;
}
