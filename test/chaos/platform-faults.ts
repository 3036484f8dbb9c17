import type { Fault } from '../fakes/discord/rest/faults.ts';
import type { RouteName } from '../fakes/discord/rest/routes/all-routes.ts';
import { pick } from '../fakes/slack/random.ts';
import type { Failure } from '../fakes/slack/web-api/faults.ts';
import type { Arena } from './arena.ts';
import { pause } from './until.ts';

/** What a reply needs of Discord. Without the acknowledgement of a command, Discord itself tells that nobody is there. */
const ROUTES: readonly RouteName[] = [
  'POST /channels/:channel/messages',
  'PATCH /channels/:channel/messages/:message',
  'POST /channels/:channel/typing',
  'PATCH /webhooks/:application/:token/messages/:message',
];

/** What a reply needs of Slack. */
const METHODS = [
  'chat.postMessage',
  'chat.update',
  'chat.startStream',
  'chat.appendStream',
  'chat.stopStream',
  'assistant.threads.setStatus',
  'agents.sessions.setStatus',
];

/** Kinds of trouble, one of which strikes at a time. */
export interface Trouble {
  readonly discord: () => readonly Fault[];
  readonly slack: readonly Failure[];
}

/** How long it is quiet before the next trouble, at most. */
const QUIET_MS = 300;

/** The next call that is drawn meets the trouble, on both platforms. */
export function strike({ discord, slack, random }: Arena, trouble: Trouble): void {
  const route = pick(ROUTES, random);
  const fault = pick(trouble.discord(), random);
  if (route && fault) discord.failNext(route, fault);
  const method = pick(METHODS, random);
  const failure = pick(trouble.slack, random);
  if (method && failure) slack.failNext(method, failure);
}

/**
 * People ask, and calls to both platforms meet trouble, one drawn from the seed after the other.
 *
 * @returns how many were struck.
 */
export async function troubled(arena: Arena, turns: number, trouble: Trouble): Promise<number> {
  const { crowd } = arena;
  let struck = 0;
  crowd.begin(arena.places, { most: turns });
  while (!crowd.exhausted && struck < turns) {
    await pause(arena.draw(QUIET_MS));
    strike(arena, trouble);
    struck += 2;
  }
  await arena.until(() => crowd.exhausted, `${turns} answers`).catch(() => undefined);
  await crowd.end();
  return struck;
}
