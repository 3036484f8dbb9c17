import type { Outlet, Surroundings } from '../bot/ports.ts';
import type { ChatRequest, Platform } from '../bot/request.ts';
import type { Turn } from '../bot/turn.ts';

/**
 * Hands a request to the bot; undefined when it is not to be answered. An adapter that can show a reply as it grows
 * reads the turn's events itself; for the others somebody else does, and posts and edits through the outlet.
 */
export type OnRequest = (request: ChatRequest) => Turn | undefined;

/** Connects one platform to the bot: translation, not policy. Nothing outside its folder knows the platform's SDK. */
export interface ChatAdapter extends Surroundings, Outlet {
  readonly platform: Platform;
  /** Connects, and from then on hands over requests. Resolves when people can be heard. */
  start(onRequest: OnRequest): Promise<void>;
  /** Hears nobody any more; resolves when what was being shown is out. Safe to call twice. */
  stop(): Promise<void>;
}
