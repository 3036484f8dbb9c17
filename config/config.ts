import { existsSync } from 'node:fs';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type ConfigWarning, type EnvFile, readEnvFile, warnAbout } from './env-file.ts';
import type { Surroundings } from './kinds.ts';
import { type PlatformFolders, platformFolders } from './platform-folders.ts';
import { type ConfigOf, camelCase, type Setting, type SettingsTable } from './setting.ts';
import { settings } from './settings.ts';

/** Every setting with its value, frozen. */
export type Config = ConfigOf<typeof settings>;

export interface Loaded<Settings> {
  readonly config: Settings;
  /** Lines for people about what `.env` sets in vain. */
  readonly warnings: readonly ConfigWarning[];
}

export interface ConfigSources {
  /** The environment; it wins over `.env`, also where it sets an empty value. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `.env` lies (it may be missing) and where relative folders start. */
  readonly directory: string;
  /** Absent: this platform's. */
  readonly folders?: PlatformFolders;
}

/** @throws ConfigError with every problem at once. */
export function loadConfig(sources: ConfigSources): Loaded<Config> {
  return loadSettings(settings, sources);
}

/**
 * The same for any table of settings. An empty value stands for the default.
 *
 * @throws ConfigError with every problem at once.
 */
export function loadSettings<Table extends SettingsTable>(
  table: Table,
  { env, directory, folders = platformFolders() }: ConfigSources,
): Loaded<ConfigOf<Table>> {
  const surroundings = { directory, ...folders, exists: existsSync };
  const file = readEnvFile(directory);
  const problems: ConfigProblem[] = [];
  if ('unreadable' in file) {
    const wants = 'a text file in UTF-8 with lines of NAME=value, or no such file';
    problems.push({ name: '.env', got: file.unreadable, where: '.env', wants });
  }

  const values: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(table)) {
    const written = find(name, env, file);
    const read = readSetting(name, row, written, surroundings);
    if ('problem' in read) problems.push(read.problem);
    else values[camelCase(name)] = read.value;
  }
  if (problems.length > 0) throw new ConfigError(problems);

  return {
    config: deepFreeze(values) as ConfigOf<Table>,
    warnings: 'unreadable' in file ? [] : warnAbout(file, Object.keys(table)),
  };
}

interface Written {
  readonly text: string;
  readonly where: ConfigProblem['where'];
}

function find(name: string, env: ConfigSources['env'], file: EnvFile): Written {
  const real = env[name];
  if (real !== undefined) return { text: real.trim(), where: 'environment' };
  const fromFile = 'unreadable' in file ? undefined : file.values[name];
  return { text: (fromFile ?? '').trim(), where: '.env' };
}

function readSetting(
  name: string,
  row: Setting,
  { text, where }: Written,
  surroundings: Surroundings,
): { readonly value: unknown } | { readonly problem: ConfigProblem } {
  if (text === '') {
    return { value: typeof row.default === 'function' ? row.default(surroundings) : row.default };
  }
  const parsed = row.kind.schema(surroundings).safeParse(text);
  if (parsed.success) return { value: parsed.data };
  const got = row.secret === true ? `a secret of ${text.length} characters` : quote(text);
  const wants = row.unit === undefined ? row.kind.wants : `${row.kind.wants} (${row.unit})`;
  return { problem: { name, got, where, wants } };
}

/** Long or unprintable values must neither flood nor steer a terminal, and a password in an address is nobody's business. */
function quote(written: string): string {
  const longest = 80;
  const text = written.replace(/(:\/\/)[^/\s]*@/u, '$1…@');
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return JSON.stringify(shown).replace(/\p{C}/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

/** The values of secret settings, for the log to mask. */
export function secretsOf<Table extends SettingsTable>(
  config: ConfigOf<Table>,
  table: Table,
): readonly string[] {
  const values: Readonly<Record<string, unknown>> = config;
  return Object.keys(table)
    .filter((name) => table[name]?.secret === true)
    .flatMap((name) => values[camelCase(name)] ?? [])
    .map(String);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
