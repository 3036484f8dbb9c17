import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue, type Waiting } from '../../../inference/engine/fair-queue.ts';

interface Request extends Waiting {
  readonly name: string;
}

describe('The queue', () => {
  it('lets conversations take turns, each in its own order of arrival', () => {
    const queue = filled('a1 a2 a3 b1 c1 b2');
    expect(names(drained(queue))).toBe('a1 b1 c1 a2 b2 a3');
  });

  it('makes a conversation that has had its turn wait behind all others, however often it asks again', () => {
    const queue = filled('chatty1 calm1');
    const order: (Request | undefined)[] = [queue.take()];
    queue.push(request('chatty2'));
    queue.push(request('new1'));
    order.push(queue.take());
    queue.push(request('chatty3'));
    order.push(...drained(queue));
    expect(names(order)).toBe('chatty1 calm1 chatty2 new1 chatty3');
  });

  it('keeps the others’ order when one of them leaves', () => {
    const queue = filled('a1 a2 b1 c1');
    expect(queue.remove(queue.peek()!)).toBe(true);
    expect(names(queue.order())).toBe('a2 b1 c1');
    expect(queue.remove(request('a2'))).toBe(false);
    expect(queue.size).toBe(3);
  });

  it('says that it is empty by giving nothing', () => {
    const queue = new FairQueue<Request>();
    expect([queue.peek(), queue.take(), queue.size, queue.order()]).toEqual([undefined, undefined, 0, []]);
  });

  it('tells the order in which all would be taken', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const queue = played(list);
        const told = queue.order();
        expect(queue.size).toBe(told.length);
        expect(queue.peek()).toBe(told[0]);
        expect(drained(queue)).toEqual(told);
      }),
    );
  });

  it('lets nobody be overtaken twice by the same conversation', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const order = played(list).order();
        order.forEach((waiting, at) => {
          const own = order.slice(0, at).filter(({ conversation }) => conversation === waiting.conversation);
          for (const other of new Set(order.map(({ conversation }) => conversation))) {
            if (other === waiting.conversation) continue;
            const ahead = order.slice(0, at).filter(({ conversation }) => conversation === other);
            expect(ahead.length).toBeLessThanOrEqual(own.length + 1);
          }
        });
      }),
    );
  });
});

type Step =
  | { readonly do: 'push'; readonly conversation: string }
  | { readonly do: 'take' | 'remove'; readonly at: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('push' as const),
        conversation: fc.constantFrom('a', 'b', 'c', 'd'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('take' as const, 'remove' as const), at: fc.nat(20) }),
    },
  ),
  { maxLength: 40 },
);

/** A queue with a past. */
function played(list: readonly Step[]): FairQueue<Request> {
  const queue = new FairQueue<Request>();
  list.forEach((step, i) => {
    if (step.do === 'push') queue.push({ conversation: step.conversation, name: step.conversation + i });
    else if (step.do === 'take') queue.take();
    else {
      const item = queue.order()[step.at];
      if (item) queue.remove(item);
    }
  });
  return queue;
}

/** `a1` is the first request of conversation `a`. */
function request(name: string): Request {
  return { conversation: name.replace(/\d/g, ''), name };
}

function filled(requests: string): FairQueue<Request> {
  const queue = new FairQueue<Request>();
  for (const name of requests.split(' ')) queue.push(request(name));
  return queue;
}

function drained(queue: FairQueue<Request>): Request[] {
  const all: Request[] = [];
  for (let item = queue.take(); item; item = queue.take()) all.push(item);
  return all;
}

function names(requests: readonly (Request | undefined)[]): string {
  return requests.map((item) => item?.name).join(' ');
}
