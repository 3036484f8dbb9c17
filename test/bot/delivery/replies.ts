import { Delivery } from '../../../bot/delivery/delivery.ts';
import type { OutletLimits } from '../../../bot/ports.ts';
import { OpenTurn } from '../../../bot/turn.ts';
import { createLogger } from '../../../config/logger.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';
import { VirtualPlatform } from '../../fixtures/virtual-platform.ts';
import { request } from '../requests.ts';

/** Discord's figures. */
export const CHANNEL: OutletLimits = {
  messageLength: 2000,
  posts: { key: 'post', calls: 5, perMs: 5000 },
  edits: { key: 'edit', calls: 5, perMs: 5000 },
};

/** A turn that the test writes, shown on a platform in virtual time. */
export function setUp(limits: OutletLimits = CHANNEL) {
  const clock = new VirtualClock();
  const platform = new VirtualPlatform(clock, limits);
  const log: { level: string; msg: string }[] = [];
  const logger = createLogger({
    level: 'debug',
    secrets: [],
    format: 'json',
    write: (line) => log.push(JSON.parse(line)),
  });
  const delivery = new Delivery({ logger, clock });
  let turns = 0;
  /** Begins another reply. */
  const begin = (channel = 'c1') => {
    turns += 1;
    const asked = request({ id: `m${turns}`, conversation: { platform: 'discord', id: channel } });
    const turn = new OpenTurn(`discord:${channel}/m${turns}`, asked, 'chat');
    return { turn, delivered: delivery.deliver(turn, platform) };
  };
  return { clock, platform, delivery, log, begin, ...begin() };
}

export const write = (turn: OpenTurn, text: string): void => turn.tell({ type: 'delta', text });

export const finish = (turn: OpenTurn): void => turn.finish({ reason: 'eos' });

/** More words than anybody reads, each of them another. */
export const WORDS = Array.from({ length: 2000 }, (_, index) => `word${index}`);
