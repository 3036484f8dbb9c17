import type { ButtonPress, PressAnswer } from '../bot/buttons.ts';
import type { Outlet, Surroundings } from '../bot/ports.ts';
import type { ChatRequest, Platform } from '../bot/request.ts';
import type { Turn } from '../bot/turn.ts';

/**
 * Hands a request to the bot; undefined when it is not to be answered. An adapter that can show a reply as it grows
 * reads the turn's events itself; for the others delivery does, and posts and edits through the outlet.
 */
export type OnRequest = (request: ChatRequest) => Turn | undefined;

/** Hands a pressed button to the bot. Settles soon: what takes long goes on as a turn of its own. */
export type OnPress = (press: ButtonPress) => Promise<PressAnswer>;

/** Connects one platform to the bot: translation, not policy. Nothing outside its folder knows the platform's SDK. */
export interface ChatAdapter extends Surroundings, Outlet {
  readonly platform: Platform;
  /**
   * Connects, and from then on hands over requests. Resolves when people can be heard.
   *
   * @param onPress absent where a platform has no buttons.
   */
  start(onRequest: OnRequest, onPress?: OnPress): Promise<void>;
  /**
   * Hears nobody any more, and resolves when it has disconnected. Posts and edits still work until then: whoever stops
   * the bot lets running replies come to their end first. Safe to call twice.
   */
  stop(): Promise<void>;
}
