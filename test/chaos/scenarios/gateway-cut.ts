import { GatewayCloseCodes } from 'discord.js';
import { pick } from '../../fakes/slack/random.ts';
import type { Arena } from '../arena.ts';
import type { Scenario } from '../scenario.ts';
import { pause } from '../until.ts';

/** What happens to Discord's connection. */
export const GATEWAY_CUTS: readonly ((arena: Arena) => void)[] = [
  ({ discord }) => discord.gateway.cut(),
  ({ discord }) => discord.gateway.close(GatewayCloseCodes.UnknownError),
  ({ discord }) => discord.gateway.askToReconnect(),
  ({ discord }) => discord.gateway.invalidateSession({ resumable: true }),
  ({ discord }) => {
    discord.gateway.refuseConnections(2);
    discord.gateway.cut();
  },
];

/** The time that the connection lives. */
const LIFE_MS = 1_500;

export const gatewayCut: Scenario = {
  name: 'gateway cut',
  done: "Discord's connection is cut, closed, told to come back, or refused for a while, and people go on writing meanwhile.",
  promised: 'The session is resumed, with what was written meanwhile: every request is answered, and once.',
  async run(arena, { rounds }) {
    await arena.startBot();
    arena.crowd.begin(arena.places.filter(({ platform }) => platform === 'Discord'));
    for (let round = 0; round < rounds; round += 1) {
      await arena.until(() => arena.discord.gateway.isConnected, "Discord's connection");
      await pause(arena.draw(LIFE_MS));
      pick(GATEWAY_CUTS, arena.random)?.(arena);
    }
    await arena.until(() => arena.discord.gateway.isConnected, "Discord's connection");
    await arena.crowd.end();
    return { cuts: rounds, resumes: arena.discord.gateway.resumes.length };
  },
};
