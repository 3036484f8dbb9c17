import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  describeProgress,
  describeUpcoming,
  duration,
  ProgressPace,
  progressBar,
} from '../../bot/model-progress.ts';
import type { DownloadProgress } from '../../inference/model/hub/checkpoint-download.ts';

const HALF: DownloadProgress = {
  file: 'model.safetensors',
  bytes: 263_000_000,
  total: 548_000_000,
  bytesPerSecond: 4_100_000,
  secondsLeft: 69.5,
  elsewhere: false,
};

describe('how far a download is', () => {
  test('is told by share, size, speed and the time that is left', () => {
    expect(describeProgress(HALF)).toBe('47 %, 263 of 548 MB, 4.1 MB/s, 1 min 10 s left');
  });

  test('leaves out what is not known', () => {
    const early = { ...HALF, bytes: 1500, bytesPerSecond: 0, secondsLeft: undefined };
    expect(describeProgress(early)).toBe('0 %, 1.5 kB of 548 MB');
    expect(describeProgress({ ...early, total: undefined })).toBe('1.5 kB');
  });

  test('says when another process does the work', () => {
    expect(describeProgress({ ...HALF, elsewhere: true })).toMatch(/left, fetched by another process$/);
  });

  test('is 100 % only when all of it is there', () => {
    expect(describeProgress({ ...HALF, bytes: 547_999_999 })).toContain('99 %');
    expect(describeProgress({ ...HALF, bytes: 548_000_000, secondsLeft: 0 })).toBe(
      '100 %, 548 of 548 MB, 4.1 MB/s',
    );
  });

  test.each([
    [0.2, '1 s'],
    [59.4, '59 s'],
    [60, '1 min'],
    [185, '3 min 5 s'],
    [3600, '1 h'],
    [7800, '2 h 10 min'],
  ])('takes %d seconds for %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('a bar', () => {
  test('fills as the bytes arrive', () => {
    const at = (bytes: number) => progressBar({ ...HALF, bytes, secondsLeft: undefined }, 'gpt2', 100);
    expect(at(0)).toMatch(/^gpt2 \[-{30}\] 0 %/);
    expect(at(274_000_000)).toMatch(/^gpt2 \[#{15}-{15}\] 50 %/);
    expect(at(548_000_000)).toMatch(/^gpt2 \[#{30}\] 100 %/);
  });

  test('never needs more columns than there are, and gives up the drawing before the figures', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(548_000_000), (columns, bytes) => {
        expect(progressBar({ ...HALF, bytes }, 'openai-community/gpt2', columns).length).toBeLessThanOrEqual(
          columns,
        );
      }),
    );
    expect(progressBar(HALF, 'gpt2', 60)).toBe(`gpt2 ${describeProgress(HALF)}`);
  });
});

describe('the lines of a log', () => {
  test('come at the beginning, at each tenth, and after half a minute without one', () => {
    let now = 0;
    const pace = new ProgressPace(() => now);
    const due = (percent: number, seconds: number) => {
      now = seconds * 1000;
      return pace.isDue({ ...HALF, bytes: percent, total: 100 });
    };
    expect([due(0, 0), due(3, 1), due(9, 2), due(10, 3), due(12, 4), due(35, 5)]).toEqual([
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
    expect([due(36, 34), due(36, 35), due(36, 64)]).toEqual([false, true, false]);
  });
});

test('what is on its way is named with its stage', () => {
  expect(describeUpcoming({ model: 'me/mine', stage: 'fetching' })).toBe('me/mine (asking for it)');
  expect(describeUpcoming({ model: 'me/mine', stage: 'fetching', progress: HALF })).toMatch(
    /^me\/mine \(47 %/,
  );
  expect(describeUpcoming({ model: 'me/mine', stage: 'compiling' })).toContain('being prepared');
  expect(describeUpcoming({ model: 'me/mine', stage: 'loading' })).toBe('me/mine (being loaded)');
});
