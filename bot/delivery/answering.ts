import type { Bot } from '../bot.ts';
import type { Outlet, Surroundings } from '../ports.ts';
import type { ChatRequest } from '../request.ts';
import type { Turn } from '../turn.ts';
import type { Delivery } from './delivery.ts';

/** What an adapter is started with that shows replies through its outlet: its requests go to the bot, and come back as messages. */
export function answering(
  bot: Bot,
  delivery: Delivery,
  platform: Surroundings & Outlet,
): (request: ChatRequest) => Turn | undefined {
  return (request) => {
    const turn = bot.handle(request, platform);
    if (turn) void delivery.deliver(turn, platform);
    return turn;
  };
}
