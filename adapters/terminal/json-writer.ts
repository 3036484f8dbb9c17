import type { TurnEvent } from '../../bot/turn-event.ts';
import type { ReplyWriter } from './reply-writer.ts';
import type { Sink } from './sink.ts';

/**
 * One event a line, for programs. `delta`: text as it grows. `final`: once a turn, last; its text is the deltas joined.
 * Every final has the same fields, zero or null where the model had no part in the reply; `notes` are remarks beside
 * the answer, and `error` says why there is none.
 */
export class JsonWriter implements ReplyWriter {
  readonly #sink: Sink;
  #notes: string[] = [];

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  async write(turn: number, event: TurnEvent): Promise<void> {
    switch (event.type) {
      case 'delta':
        await this.#line({ turn, type: 'delta', text: event.text });
        return;
      case 'notice':
        this.#notes.push(event.text);
        return;
      case 'final':
      case 'failed':
        await this.#line({ turn, type: 'final', ...figures(event), ...this.#takeNotes() });
    }
  }

  #takeNotes(): { readonly notes?: readonly string[] } {
    const notes = this.#notes.splice(0);
    return notes.length > 0 ? { notes } : {};
  }

  #line(value: object): Promise<void> {
    return this.#sink.write(`${JSON.stringify(value)}\n`);
  }
}

function figures(event: Extract<TurnEvent, { type: 'final' | 'failed' }>) {
  const result = event.type === 'final' ? event.result : undefined;
  return {
    text: event.text,
    seed: result?.seed ?? null,
    promptTokens: result?.promptTokens ?? 0,
    newTokens: result?.newTokens ?? 0,
    firstTokenMs: tenths(result?.firstTokenMs ?? 0),
    tokensPerSecond: tenths(result?.tokensPerSecond ?? 0),
    reason: event.type === 'final' ? event.reason : 'error',
    ...(event.type === 'failed' && { error: { code: event.code, message: event.message } }),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
