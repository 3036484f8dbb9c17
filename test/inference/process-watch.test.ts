import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ProcessWatch } from '../../inference/process-watch.ts';

const HANG_MS = 60_000;
const LOOK_MS = HANG_MS / 10;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watch over a process that the test plays. */
function watched({ busy = true, memoryBytes = 0, hangMs = HANG_MS } = {}) {
  const told = { asked: 0, hung: 0, full: [] as (readonly [bytes: number, fresh: boolean])[] };
  const watch = new ProcessWatch({
    hangMs,
    memoryBytes,
    busy: () => busy,
    ask: () => {
      told.asked++;
    },
    onHang: () => {
      told.hung++;
    },
    onFull: (...full) => void told.full.push(full),
  });
  onTestFinished(() => watch.stop());
  return { watch, told };
}

describe('A watched process', () => {
  it('has hung when it is silent for as long as the limit says, whether it is busy or not', () => {
    for (const busy of [true, false]) {
      const { watch, told } = watched({ busy });
      watch.ready();
      vi.advanceTimersByTime(HANG_MS - 1);
      expect(told.hung).toBe(0);
      vi.advanceTimersByTime(LOOK_MS);
      expect(told.hung).toBe(1);
      vi.advanceTimersByTime(10 * HANG_MS);
      expect(told.hung, 'told once').toBe(1);
    }
  });

  it('has hung when it answers, but computes nothing of what it was asked', () => {
    const { watch, told } = watched();
    watch.ready();
    for (let look = 0; look < 12; look++) {
      watch.heard({ steps: 5, memoryBytes: 1 });
      vi.advanceTimersByTime(LOOK_MS);
    }
    expect(told.hung).toBe(1);
  });

  it('has not hung when it has nothing to do', () => {
    const { watch, told } = watched({ busy: false });
    watch.ready();
    for (let look = 0; look < 100; look++) {
      watch.heard({ steps: 5, memoryBytes: 1 });
      vi.advanceTimersByTime(LOOK_MS);
    }
    expect(told.hung).toBe(0);
  });

  it('may take nearly as long as the limit for each step of a long prompt', () => {
    const { watch, told } = watched();
    watch.ready();
    for (let steps = 1; steps < 20; steps++) {
      vi.advanceTimersByTime(HANG_MS - LOOK_MS);
      watch.heard({ steps, memoryBytes: 1 });
    }
    expect(told.hung).toBe(0);
  });

  it('may load for longer, because loading is one step', () => {
    const { told } = watched();
    vi.advanceTimersByTime(9 * HANG_MS);
    expect(told).toMatchObject({ hung: 0, asked: 0 });
    vi.advanceTimersByTime(HANG_MS);
    expect(told.hung).toBe(1);
  });

  it('may load for five minutes also where the limit for a step is short, because the disk is no faster for it', () => {
    const { watch, told } = watched({ hangMs: 5_000 });
    vi.advanceTimersByTime(299_000);
    expect(told.hung).toBe(0);
    watch.ready();
    vi.advanceTimersByTime(5_500);
    expect(told.hung, 'a step').toBe(1);

    const loading = watched({ hangMs: 5_000 });
    vi.advanceTimersByTime(300_000);
    expect(loading.told.hung).toBe(1);
  });

  it('is told once when it takes more memory than it may, and whether it has from the start', () => {
    const grown = watched({ memoryBytes: 100 });
    grown.watch.ready();
    for (const memoryBytes of [90, 100, 101, 500]) grown.watch.heard({ steps: 1, memoryBytes });
    expect(grown.told.full).toEqual([[101, false]]);

    const large = watched({ memoryBytes: 100 });
    large.watch.ready();
    for (const memoryBytes of [120, 130]) large.watch.heard({ steps: 1, memoryBytes });
    expect(large.told.full).toEqual([[120, true]]);
  });

  it('may take what it wants where no limit is set', () => {
    const { watch, told } = watched();
    watch.heard({ steps: 1, memoryBytes: Number.MAX_SAFE_INTEGER });
    expect(told.full).toEqual([]);
  });
});
