import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const STARTER = fileURLToPath(new URL('./child.mjs', import.meta.url));

/**
 * Forks a process of this room: `module` is relative to the room, `entry` the function it begins with. Typed arrays and
 * maps survive the channel. Its standard output is not ours to use (replies go there), so it ends up on standard error.
 */
export function forkChild(module: string, entry: string): ChildProcess {
  return fork(STARTER, [module, entry], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
  });
}
