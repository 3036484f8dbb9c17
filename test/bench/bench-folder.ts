import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GPT2_SMALL, writeRandomCheckpoint } from '../fixtures/random-checkpoint.ts';
import type { GgmlType } from './contestants/gguf/gguf-file.ts';
import { writeGpt2Gguf } from './contestants/gguf/gpt2-gguf.ts';
import { writeStandardModel } from './contestants/standard-graph.ts';

/**
 * Random weights of GPT-2's sizes (values do not change speed), and what is made of them for each way to run them. Each
 * is written when it is first asked for.
 */
export interface BenchFolder {
  /** Where Parley keeps what it compiles. */
  readonly cache: string;
  checkpoint(): Promise<string>;
  /** A graph as `generate` of transformers.js expects it. */
  standard(): Promise<string>;
  /** A file for llama.cpp. */
  gguf(type: GgmlType): Promise<string>;
}

/** @param kept A folder that stays, so that the next run finds all of it there; without one all is gone at the end. */
export async function withBenchFolder<T>(
  kept: string | undefined,
  use: (folder: BenchFolder) => Promise<T>,
): Promise<T> {
  const root = kept ?? (await mkdtemp(join(tmpdir(), 'parley-bench-')));
  await mkdir(root, { recursive: true });
  const once = async (name: string, write: (path: string) => Promise<unknown>): Promise<string> => {
    const path = join(root, name);
    if (await isThere(path)) return path;
    const unfinished = `${path}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await write(unfinished);
    await rename(unfinished, path);
    return path;
  };
  const checkpoint = () => once('checkpoint', (path) => writeRandomCheckpoint(path, GPT2_SMALL));
  try {
    return await use({
      cache: join(root, 'cache'),
      checkpoint,
      standard: async () => {
        const from = await checkpoint();
        return once('standard', (path) => writeStandardModel(from, path));
      },
      gguf: async (type) => {
        const from = await checkpoint();
        return once(`${type}.gguf`, (path) => writeGpt2Gguf(from, path, type));
      },
    });
  } finally {
    if (kept === undefined) await rm(root, { recursive: true, force: true });
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
