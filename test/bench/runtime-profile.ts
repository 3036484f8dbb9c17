import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One node that the runtime has computed once. */
export interface NodeRun {
  readonly operator: string;
  readonly microseconds: number;
}

/** What the runtime notes of whatever it does. */
interface TraceEvent {
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/**
 * The runtime's own profile: the nodes of each run of a graph, in order.
 *
 * @param work Opens the graph with this prefix for the profile's file, runs it, and disposes of it.
 */
export async function profileOf(
  work: (prefix: string) => Promise<unknown>,
): Promise<readonly (readonly NodeRun[])[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-profile-'));
  try {
    await work(join(folder, 'profile'));
    const [file = ''] = await readdir(folder);
    const events = JSON.parse(await readFile(join(folder, file), 'utf8')) as readonly TraceEvent[];
    const runs = events.filter(({ name }) => name === 'model_run');
    const nodes = events.filter(({ name }) => name.endsWith('_kernel_time'));
    return runs.map(({ ts, dur }) =>
      nodes
        .filter((node) => node.ts >= ts && node.ts <= ts + dur)
        .map(({ args, dur }) => ({ operator: args?.op_name ?? '', microseconds: dur })),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
