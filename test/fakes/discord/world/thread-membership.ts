import type { ThreadRecord } from './records.ts';
import type { World } from './world.ts';

/** Whoever writes in a thread joins it; writing wakes an archived one. */
export function joinThread(world: World, thread: ThreadRecord, userId: string): void {
  if (thread.archived) {
    thread.archived = false;
    world.emit({ type: 'thread-updated', thread });
  }
  if (thread.members.has(userId)) return;
  thread.members.set(userId, world.clock.now());
  world.emit({ type: 'thread-members-updated', thread, added: userId });
}
