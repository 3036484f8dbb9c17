import { pick } from '../../fakes/slack/random.ts';
import type { Arena } from '../arena.ts';
import type { Scenario } from '../scenario.ts';
import { pause } from '../until.ts';

/** What happens to Slack's connection, and to what comes over it. */
export const SOCKET_CUTS: readonly ((arena: Arena) => void)[] = [
  ({ slack }) => slack.sockets.dropAll(),
  ({ slack }) => slack.sockets.disconnectAll('refresh_requested'),
  ({ slack }) => slack.sockets.disconnectAll('warning'),
  // The connection stands, and says nothing any more: what the bot acknowledges is not heard, and comes again.
  ({ slack }) => {
    slack.sockets.connections[0]?.freeze();
    slack.sockets.dropAll();
  },
  // As Slack does after a reconnection, and under other event ids.
  ({ slack }) => {
    const latest = slack.deliveries.filter(({ kind }) => kind === 'events_api').slice(-REDELIVERED);
    slack.redeliver(latest);
    slack.redeliver(latest, 1, { newEventId: true });
  },
];

const REDELIVERED = 8;
const LIFE_MS = 1_500;

export const socketCut: Scenario = {
  name: 'socket cut',
  done: "Slack's connection is cut, frozen or replaced, and events come again, once more or under other ids; people go on writing meanwhile.",
  promised: 'Every request is answered, and once.',
  async run(arena, { rounds }) {
    await arena.startBot();
    arena.crowd.begin(arena.places.filter(({ way }) => way.startsWith('Slack') && !way.includes('command')));
    for (let round = 0; round < rounds; round += 1) {
      await arena.until(() => arena.slack.sockets.ready, "Slack's connection");
      await pause(arena.draw(LIFE_MS));
      pick(SOCKET_CUTS, arena.random)?.(arena);
    }
    await arena.until(() => arena.slack.sockets.ready, "Slack's connection");
    await arena.crowd.end();
    return { cuts: rounds };
  },
};
