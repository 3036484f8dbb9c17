import { describe, expect, it, vi } from 'vitest';
import { Channel } from '../../../inference/engine/channel.ts';

async function read<T>(
  channel: Channel<T>,
  onValue: (value: T) => void | Promise<void> = () => undefined,
): Promise<T[]> {
  const values: T[] = [];
  for await (const value of channel) {
    values.push(value);
    await onValue(value);
  }
  return values;
}

describe('A channel', () => {
  it('gives everything that was pushed, in order, before and while somebody reads', async () => {
    const channel = new Channel<number>();
    channel.push(1);
    channel.push(2);
    const reading = read(channel);
    await Promise.resolve();
    channel.push(3);
    setImmediate(() => {
      channel.push(4);
      channel.end();
    });
    expect(await reading).toEqual([1, 2, 3, 4]);
  });

  it('waits for a slow reader: nothing is lost, not even behind the end', async () => {
    const channel = new Channel<number>();
    let next = 0;
    const reading = read(channel, () => {
      // While the first value is looked at, all others come and the channel ends.
      if (next++ === 0) for (let i = 1; i < 50; i++) channel.push(i);
      channel.end();
      return new Promise((resolve) => setImmediate(resolve));
    });
    channel.push(0);
    expect(await reading).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('gives what was pushed before a failure, and then the failure', async () => {
    const channel = new Channel<number>();
    channel.push(1);
    channel.fail(new Error('broken'));
    channel.push(2);
    const seen: number[] = [];
    await expect(read(channel, (value) => void seen.push(value))).rejects.toThrow('broken');
    expect(seen).toEqual([1]);
  });

  it('wakes a reader who waits when it fails', async () => {
    const channel = new Channel<number>();
    const reading = read(channel);
    setImmediate(() => channel.fail(new Error('broken')));
    await expect(reading).rejects.toThrow('broken');
  });

  it('ends once: what comes behind is not heard', async () => {
    const channel = new Channel<number>();
    channel.end();
    channel.push(1);
    channel.fail(new Error('late'));
    expect(await read(channel)).toEqual([]);
  });

  it('tells the writer once when the reader leaves early, and takes no more', async () => {
    const cancelled = vi.fn();
    const channel = new Channel<number>(cancelled);
    channel.push(1);
    channel.push(2);
    for await (const value of channel) if (value === 1) break;
    channel.push(3);
    expect(cancelled).toHaveBeenCalledTimes(1);
    expect(await read(channel)).toEqual([2]);
  });

  it('tells the writer when the reader fails', async () => {
    const cancelled = vi.fn();
    const channel = new Channel<number>(cancelled);
    channel.push(1);
    await expect(
      read(channel, () => {
        throw new Error('reader');
      }),
    ).rejects.toThrow('reader');
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  it('has nothing to tell when it had ended before the reader left', async () => {
    const cancelled = vi.fn();
    const channel = new Channel<number>(cancelled);
    channel.push(1);
    channel.push(2);
    channel.end();
    for await (const _ of channel) break;
    expect(cancelled).not.toHaveBeenCalled();
  });
});
