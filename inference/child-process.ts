import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../config/child-environment.ts';

const MB = 2 ** 20;

/**
 * For the C library of Linux; others do not know them. Its threshold for giving memory back at once moves up to 32 MB with what
 * is freed, and then a model that was converted while it was loaded leaves holes of 50 MB; and threads have heaps of their own.
 * What a step takes is smaller than this threshold, though (forty rows of logits), and what is free at the heap's end is kept
 * for the next step: memory that is new costs 400 page faults a step of eight rows.
 */
const FRUGAL = {
  MALLOC_MMAP_THRESHOLD_: String(8 * MB),
  MALLOC_TRIM_THRESHOLD_: String(16 * MB),
  MALLOC_ARENA_MAX: '1',
};

/**
 * How garbage is collected: nearly everything lives for one step, most of it outside the heap (logits, keys and values), so what
 * is collected is little and often, in one go, and by nobody else. Threads that help with it, or mark it in the meantime,
 * take cores from those of the model, which wait for each other in every product. Unlike the environment above, these go before
 * what `NODE_OPTIONS` says, which is meant for the bot's process.
 */
const NODE_FLAGS = [
  // In megabytes, instead of 16: what garbage holds on to outside is given back that much sooner.
  '--max-semi-space-size=1',
  '--single-threaded-gc',
  // Left to this thread, marking in steps would take so long that garbage piles up behind it.
  '--no-incremental-marking',
];

const STARTER = fileURLToPath(new URL('./child.mjs', import.meta.url));

/**
 * Forks a process of this room: `module` is relative to the room, `entry` the function it begins with. Typed arrays and
 * maps survive the channel. Its standard output is not ours to use (replies go there), so it ends up on standard error.
 */
export function forkChild(module: string, entry: string): ChildProcess {
  return fork(STARTER, [module, entry], {
    execArgv: NODE_FLAGS,
    env: childEnvironment(FRUGAL),
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
  });
}
