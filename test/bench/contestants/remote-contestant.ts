import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../../config/child-environment.ts';
import type { Contestant } from './contestant.ts';
import type { FromContestant, ToContestant } from './contestant-process.ts';

export interface RemoteOptions {
  readonly name: string;
  readonly serves: boolean;
  /** A module of this folder that calls `serveContestant`. */
  readonly script: string;
  readonly args: readonly string[];
  /** What the bench's own environment does not say otherwise. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A contestant in a process of its own, as Parley's engine is in one. */
export async function remoteContestant(options: RemoteOptions): Promise<Contestant> {
  const { name, serves, script, args, environment } = options;
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
    env: childEnvironment(environment ?? {}),
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  /** The next answer of the process, or that it has ended. */
  const next = async (): Promise<FromContestant> => {
    const settled = new AbortController();
    const { signal } = settled;
    const answered = once(child, 'message', { signal }).then(([answer]) => answer as FromContestant);
    const ended = once(child, 'exit', { signal }).then(([code]) => ({
      error: `its process ended with ${code}`,
    }));
    ended.catch(() => undefined);
    answered.catch(() => undefined);
    return Promise.race([answered, ended]).finally(() => settled.abort());
  };
  const ask = (message: ToContestant) => child.send(message);
  const first = await next();
  if (!('ready' in first)) throw new Error(`${name}: ${'error' in first ? first.error : 'no answer'}`);
  return {
    name,
    serves,
    run: async (work) => {
      ask({ work });
      const answer = await next();
      if ('outcome' in answer) return answer.outcome;
      throw new Error(`${name}: ${'error' in answer ? answer.error : 'no answer'}`);
    },
    close: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      ask({ close: true });
      await ended;
    },
  };
}
