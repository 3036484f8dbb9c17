import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lockfile = path.resolve(import.meta.dirname, '../package-lock.json');
const { packages } = JSON.parse(readFileSync(lockfile, 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

/**
 * Packages that would run a program of their own at install. `.npmrc` forbids it to all of them, and none needs it: a new one
 * must be looked at before it is named here.
 */
const HARMLESS_WITHOUT_SCRIPT: Readonly<Record<string, string>> = {
  esbuild: 'puts its binary, an optional dependency that npm installs, in the place of a small script',
  'onnxruntime-node': 'fetches CUDA libraries; the CPU binary is in the package',
  protobufjs: 'warns about versions',
  fsevents: 'built for macOS already',
};

describe('the lockfile', () => {
  it('names the binaries of every platform, because npm ci refuses one that lacks any', () => {
    const locked = new Set(Object.keys(packages).map((place) => place.replace(/^.*node_modules\//, '')));
    const missing = Object.values(packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => !locked.has(name));
    expect(missing).toEqual([]);
  });

  it('holds no package that has to run a program at install', () => {
    const scripted = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([place]) => place.replace(/^.*node_modules\//, ''))
      .filter((name) => !(name in HARMLESS_WITHOUT_SCRIPT));
    expect(scripted).toEqual([]);
    const npmrc = readFileSync(path.resolve(import.meta.dirname, '../.npmrc'), 'utf8');
    expect(npmrc).toMatch(/^ignore-scripts=true$/m);
  });

  it('pins every package by its hash and none by an address', () => {
    const installed = Object.entries(packages).filter(([place]) => place !== '');
    expect(installed.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
    expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});
