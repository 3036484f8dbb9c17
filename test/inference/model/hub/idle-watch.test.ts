import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { IdleWatch } from '../../../../inference/model/hub/idle-watch.ts';
import { ManualClock } from './manual-clock.ts';

const IDLE_MS = 30_000;
const HOUR_MS = 3_600_000;

function watched() {
  const clock = new ManualClock();
  const watch = new IdleWatch(clock, IDLE_MS, 'the hub', undefined);
  onTestFinished(() => watch.stop());
  /** Lets time pass, and the watch look. */
  const pass = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    await turn();
  };
  return { clock, watch, pass };
}

describe('A transfer while somebody sets the clock', () => {
  it('that stands still is ended in time, although the clock went back', async () => {
    const { clock, watch, pass } = watched();
    clock.set(-HOUR_MS);
    await pass(IDLE_MS - 1);
    expect(watch.signal.aborted).toBe(false);
    await pass(1);
    expect(watch.signal.reason).toMatchObject({ code: 'HUB_UNREACHABLE' });
  });

  it('that moves goes on, although the clock went ahead', async () => {
    const { clock, watch, pass } = watched();
    for (let touch = 0; touch < 5; touch++) {
      await pass(IDLE_MS / 2);
      watch.touch();
      clock.set(HOUR_MS);
    }
    expect(watch.signal.aborted).toBe(false);
  });
});
