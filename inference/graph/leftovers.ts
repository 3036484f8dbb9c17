import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What stands between a target's name and the random end of the folder in which it is being made. */
const MAKING = '.making-';

/** Nothing has been written for this long: the largest GPT-2 compiles in a few minutes, so whoever began it is gone. */
const ABANDONED_MS = 60 * 60 * 1000;

/** A new folder beside the target, in which it is made; what dead processes left of earlier attempts is cleaned away. */
export async function makingFolder(target: string, clock: () => number): Promise<string> {
  const parent = dirname(target);
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent, clock());
  return mkdtemp(join(parent, basename(target) + MAKING));
}

/** Best effort: a leftover that cannot be removed takes room, and nothing else. */
async function removeLeftovers(parent: string, now: number): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.includes(MAKING)) continue;
    const folder = join(parent, name);
    if (now - (await lastWritten(folder)) < ABANDONED_MS) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** When anything in the folder was last written, in milliseconds since the epoch. */
async function lastWritten(folder: string): Promise<number> {
  const inside = await readdir(folder, { recursive: true }).catch(() => []);
  let latest = 0;
  for (const path of [folder, ...inside.map((name) => join(folder, name))]) {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
    latest = Math.max(latest, mtimeMs);
  }
  return latest;
}
