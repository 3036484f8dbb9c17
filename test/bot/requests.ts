import type { AttachmentRef, ChatRequest, HistoryMessage } from '../../bot/request.ts';

export const ANN = { id: 'u1', name: 'Ann' };
export const BOB = { id: 'u2', name: 'Bob' };
export const BOT = { id: 'u0', name: 'Parley' };

/** A mention by Ann in one thread, with whatever a test is about laid over it. */
export function request(over: Partial<ChatRequest> = {}): ChatRequest {
  return {
    id: 'm100',
    trigger: 'mention',
    options: {},
    text: '',
    author: ANN,
    conversation: { platform: 'discord', id: 'c1' },
    attachments: [],
    at: 100,
    ...over,
  };
}

export function line(text: string, over: Partial<ChatRequest> = {}): ChatRequest {
  return request({ trigger: 'line', text, conversation: { platform: 'terminal', id: 'session' }, ...over });
}

export function command(name: string, text = '', over: Partial<ChatRequest> = {}): ChatRequest {
  return line(text, { trigger: 'command', command: name, ...over });
}

/** A message written by somebody at a moment that is also its id. */
export function message(author: typeof ANN, text: string, at: number): HistoryMessage {
  return { id: `m${at}`, author, text, own: author === BOT, at };
}

export const NOTES: AttachmentRef = { name: 'notes.txt', location: 'notes.txt' };
