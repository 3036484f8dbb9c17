import { pick } from '../../fakes/slack/random.ts';
import type { Arena } from '../arena.ts';
import { strike } from '../platform-faults.ts';
import type { Scenario } from '../scenario.ts';
import { pause } from '../until.ts';
import { GATEWAY_CUTS } from './gateway-cut.ts';
import { HALF_ANSWERS } from './half-answers.ts';
import { killEngine } from './killed.ts';
import { SERVER_ERRORS } from './server-errors.ts';
import { SOCKET_CUTS } from './socket-cut.ts';
import { TOO_MANY } from './too-many.ts';

type Blow = (arena: Arena) => unknown;

const BLOWS: readonly Blow[] = [
  (arena) => strike(arena, TOO_MANY),
  (arena) => strike(arena, SERVER_ERRORS),
  (arena) => strike(arena, HALF_ANSWERS),
  (arena) => pick(GATEWAY_CUTS, arena.random)?.(arena),
  (arena) => pick(SOCKET_CUTS, arena.random)?.(arena),
  killEngine,
  async (arena) => {
    await arena.until(() => arena.discord.gateway.isConnected, "Discord's connection");
    await arena.killBotMidReply();
    await arena.startBot();
  },
];

/** So many blows for each round: most of them are small ones. */
const BLOWS_A_ROUND = 4;
const QUIET_MS = 400;

export const everything: Scenario = {
  name: 'everything',
  done: 'All of the above in one run: kills, cut connections, refused, failed and half-answered calls, in the order of the seed.',
  promised: 'Every answer is whole, and comes once.',
  async run(arena, { rounds }) {
    await arena.startBot();
    arena.crowd.begin(arena.places);
    for (let blow = 0; blow < rounds * BLOWS_A_ROUND; blow += 1) {
      await pause(arena.draw(QUIET_MS));
      await pick(BLOWS, arena.random)?.(arena);
    }
    await arena.until(() => arena.slack.sockets.ready && arena.discord.gateway.isConnected, 'both platforms');
    await arena.crowd.end();
    return { blows: rounds * BLOWS_A_ROUND };
  },
};
