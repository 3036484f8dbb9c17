import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../../../inference/model/hub/bytes.ts';
import { TransferMeter, type TransferProgress } from '../../../../inference/model/hub/transfer-meter.ts';
import { ManualClock } from './manual-clock.ts';

function setUp(total: number | undefined) {
  const clock = new ManualClock();
  const seen: TransferProgress[] = [];
  const meter = new TransferMeter('weights', total, clock, (progress) => seen.push(progress));
  return { clock, seen, meter };
}

describe('how a transfer goes', () => {
  it('does not count as speed what was there from an earlier start', () => {
    const { clock, seen, meter } = setUp(10_000);
    meter.startAt(5000);
    clock.advance(1000);
    meter.add(1000);
    expect(seen.at(-1)).toEqual({
      file: 'weights',
      bytes: 6000,
      total: 10_000,
      bytesPerSecond: 1000,
      secondsLeft: 4,
    });
  });

  it('is the speed of the last ten seconds, so that it follows a line that slows down', () => {
    const { clock, seen, meter } = setUp(1_000_000);
    meter.startAt(0);
    for (let second = 0; second < 30; second++) {
      clock.advance(1000);
      meter.add(second < 10 ? 10_000 : 1000);
    }
    expect(seen.at(-1)?.bytesPerSecond).toBe(1000);
  });

  it('is reported a few times a second, however small the pieces, and always at the end', () => {
    const { clock, seen, meter } = setUp(1000);
    meter.startAt(0);
    for (let piece = 0; piece < 1000; piece++) {
      clock.advance(1);
      meter.add(1);
    }
    expect(seen).toHaveLength(1 + 5);
    expect(seen.at(-1)).toMatchObject({ bytes: 1000, secondsLeft: 0 });
  });

  it('promises nothing that it does not know', () => {
    const { clock, seen, meter } = setUp(undefined);
    meter.startAt(0);
    expect(seen.at(-1)).toMatchObject({ bytesPerSecond: 0, secondsLeft: undefined });
    clock.advance(2000);
    meter.add(500);
    expect(seen.at(-1)).toMatchObject({ bytesPerSecond: 250, secondsLeft: undefined });
  });
});

describe('a size for people', () => {
  it.each([
    [0, '0 bytes'],
    [26, '26 bytes'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [1_355_256, '1.36 MB'],
    [12_893_200, '12.9 MB'],
    [548_105_171, '548 MB'],
    [999_950_000, '1 GB'],
    [6_431_878_936, '6.43 GB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
