import { copyFile, link, mkdir, open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folderNameOf } from './hub-id.ts';

/**
 * Where a repository lives in the cache:
 *
 *     {cache}/hub/openai-community--gpt2/
 *       refs/main            the commit that is in use: written last, so it never names an unfinished one
 *       {commit}/            a checkpoint's files, as a folder that everything else reads like any other
 *       {commit}/parley-hub.json   what the folder must hold
 *       partial/             unfinished files
 */
export interface RepositoryPaths {
  readonly folder: string;
  readonly partials: string;
  readonly lock: string;
  readonly ref: string;
  snapshot(commit: string): string;
}

export function hubFolder(cacheDir: string): string {
  return join(cacheDir, 'hub');
}

/** `id` must have passed `requireHubId`. */
export function repositoryPaths(cacheDir: string, id: string): RepositoryPaths {
  const hub = hubFolder(cacheDir);
  const folder = join(hub, folderNameOf(id));
  return {
    folder,
    partials: join(folder, 'partial'),
    // Beside the folder, so that removing the folder leaves the lock in force.
    lock: join(hub, `${folderNameOf(id)}.lock`),
    ref: join(folder, 'refs', 'main'),
    snapshot: (commit) => join(folder, commit),
  };
}

export const MANIFEST = 'parley-hub.json';

/** What a complete folder holds. */
export interface Manifest {
  readonly id: string;
  readonly commit: string;
  readonly files: Readonly<Record<string, { readonly size: number; readonly etag?: string | undefined }>>;
}

/** The manifest of a folder whose files are all there in full length; nothing otherwise. */
export async function completeManifest(folder: string): Promise<Manifest | undefined> {
  const manifest = await readManifest(folder);
  if (!manifest) return undefined;
  for (const [name, { size }] of Object.entries(manifest.files)) {
    if ((await sizeOf(join(folder, name))) !== size) return undefined;
  }
  return manifest;
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'));
    return typeof manifest?.commit === 'string' && typeof manifest.files === 'object' ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Declares a folder complete and in use. */
export async function publish(paths: RepositoryPaths, manifest: Manifest): Promise<void> {
  const folder = paths.snapshot(manifest.commit);
  await writeAtomically(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  await mkdir(join(paths.folder, 'refs'), { recursive: true });
  await writeAtomically(paths.ref, `${manifest.commit}\n`);
}

/** The commit in use, if there is one. */
export async function currentCommit(paths: RepositoryPaths): Promise<string | undefined> {
  const text = await readFile(paths.ref, 'utf8').catch(() => '');
  return /^[0-9a-f]{40}$/.test(text.trim()) ? text.trim() : undefined;
}

/**
 * Takes a file over from another commit of the same repository, where it is the same version: most commits change a
 * description and leave the weights alone. `false` where there is none.
 */
export async function reuse(
  paths: RepositoryPaths,
  name: string,
  version: { readonly etag: string; readonly size: number | undefined },
  target: string,
): Promise<boolean> {
  for (const commit of await readdir(paths.folder).catch(() => [])) {
    const folder = paths.snapshot(commit);
    const known = (await readManifest(folder))?.files[name];
    if (known?.etag !== version.etag || known.size !== version.size) continue;
    const source = join(folder, name);
    if (source === target || (await sizeOf(source)) !== known.size) continue;
    await link(source, target).catch(async () => {
      await copyFile(source, `${target}.copy`);
      await rename(`${target}.copy`, target);
    });
    return true;
  }
  return false;
}

export async function sizeOf(path: string): Promise<number | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() ? info.size : undefined;
}

async function writeAtomically(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  await writeFile(draft, content);
  const file = await open(draft, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
