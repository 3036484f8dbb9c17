import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSource, type SourceFile, sourceFiles } from './source-file.ts';

// The arrows of docs/architecture.md: adapters -> bot -> inference, config beside all.
const rooms = ['adapters', 'bot', 'inference', 'config'];
const mayImport: Readonly<Record<string, readonly string[]>> = {
  adapters: ['adapters', 'bot', 'config'],
  bot: ['bot', 'inference', 'config'],
  inference: ['inference', 'config'],
  config: ['config'],
};

/** The one place where the parts are put together: the program, and what it is made of. */
const isMain = (file: string) => file === 'bot/main.ts' || file.startsWith('bot/main/');

const manifest = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

interface Rule {
  readonly name: string;
  /** Why one file breaks the rule; empty when it does not. Only files of the rooms are asked, unless `everywhere`. */
  readonly offences: (file: SourceFile) => readonly string[];
  readonly everywhere?: true;
  /** A file that breaks the rule: shows that the rule sees. */
  readonly example: readonly [path: string, source: string];
}

const rules: readonly Rule[] = [
  {
    name: 'arrows go one way: adapters -> bot -> inference, config beside all; only bot/main imports every room',
    offences: (file) => {
      if (isMain(file.path)) return [];
      const allowed = mayImport[roomOf(file.path)] ?? [];
      return file.files
        .filter((named) => rooms.includes(roomOf(named)) && !allowed.includes(roomOf(named)))
        .map((named) => `imports ${named}`);
    },
    example: ['inference/engine/engine.ts', "import type { Reply } from '../../bot/turn.ts';"],
  },
  {
    name: 'an adapter never imports another adapter',
    offences: (file) => {
      const own = folderIn('adapters', file.path);
      if (own === undefined) return [];
      return file.files
        .filter((named) => (folderIn('adapters', named) ?? own) !== own)
        .map((named) => `imports ${named}`);
    },
    example: ['adapters/slack/reply.ts', "export * from '../discord/reply.ts';"],
  },
  {
    name: 'the product imports nothing from test/ and nothing outside the project',
    offences: ({ files }) =>
      files.filter((named) => /^(test|\.\.)\//.test(named)).map((named) => `imports ${named}`),
    example: ['bot/router.ts', "const fakes = import('../test/fakes/hub.ts');"],
  },
  sdkRule('discord.js', /^(discord\.js|@discordjs\/.+|discord-api-types)$/, 'adapters/discord/'),
  sdkRule('@slack/bolt', /^@slack\/.+$/, 'adapters/slack/'),
  sdkRule('@xenova/transformers', /^(@xenova\/.+|@huggingface\/.+|onnxruntime-.+)$/, 'inference/'),
  {
    name: 'the environment is read in config/ alone',
    offences: ({ path: file, readsEnvironment }) =>
      readsEnvironment && roomOf(file) !== 'config' ? ['reads process.env'] : [],
    example: ['bot/main.ts', 'const { env } = process;'],
  },
  {
    name: 'the product imports only packages that package.json promises to install',
    offences: ({ packages }) =>
      packages
        .filter((name) => !(name in manifest.dependencies))
        .map((name) => `imports ${name}, which is not in "dependencies"`),
    example: ['bot/router.ts', "import fc from 'fast-check';"],
  },
  {
    name: 'every package that is imported is declared',
    everywhere: true,
    offences: ({ packages }) =>
      packages
        .filter((name) => !(name in { ...manifest.dependencies, ...manifest.devDependencies }))
        .map((name) => `imports ${name}, which package.json does not name`),
    example: ['test/bot/router.test.ts', "import debug from 'debug';"],
  },
  {
    name: 'a file is named by the one concept in it: no utils, helpers or common',
    everywhere: true,
    offences: ({ path: file }) =>
      /(^|[/._-])(utils?|helpers?|common|misc)([/._-]|$)/i.test(file) ? ['has a name that says nothing'] : [],
    example: ['bot/delivery/text-utils.ts', ''],
  },
  {
    name: 'a file has at most 400 lines',
    everywhere: true,
    offences: ({ lines }) => (lines > 400 ? [`has ${lines} lines`] : []),
    example: ['bot/router.ts', '// line\n'.repeat(401)],
  },
];

/** An SDK and the packages that come with it stay in one folder, so that nothing else depends on its shapes. */
function sdkRule(sdk: string, packages: RegExp, home: string): Rule {
  return {
    name: `${sdk} is imported in ${home} alone`,
    offences: (file) =>
      file.packages
        .filter((name) => packages.test(name) && !file.path.startsWith(home))
        .map((name) => `imports ${name}`),
    example: ['bot/main.ts', `import sdk from '${sdk}';`],
  };
}

function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/', 1)[0] ?? '') : '';
}

/** `adapters/slack/reply.ts` is in `slack`; `adapters/adapter.ts` is in no folder of its room. */
function folderIn(room: string, file: string): string | undefined {
  const [first, folder, ...rest] = file.split('/');
  return first === room && rest.length > 0 ? folder : undefined;
}

const topLevel = [...rooms, 'test', 'models'];

describe('boundaries', () => {
  const product = sourceFiles(rooms);
  const everything = sourceFiles(topLevel);
  const byName = rules.map((rule) => [rule.name, rule] as const);

  it('are looked for in every room', () => {
    expect(new Set(product.map(({ path: file }) => roomOf(file)))).toEqual(new Set(rooms));
  });

  it.each(byName)('%s', (_, { offences, everywhere }) => {
    const offenders = (everywhere ? everything : product).flatMap((file) =>
      offences(file).map((offence) => `${file.path} ${offence}`),
    );
    expect(offenders, offenders.join('\n')).toEqual([]);
  });

  it.each(byName)('would notice a breach: %s', (_, { offences, example: [file, source] }) => {
    expect(offences(readSource(file, source))).not.toEqual([]);
  });
});

describe('the reader of source files', () => {
  it('sees every way to name another module', () => {
    const source = `
      import a from './a.ts';
      import type { B } from '../b.ts';
      export * from './c.ts';
      export type { D } from './d.ts';
      type E = import('./e.ts').E;
      const f = await import('./f.ts');
      const g = new URL('./g.ts', import.meta.url);
      const h = require('h/inner.js');
      const i = import.meta.resolve('@scope/i');
      import 'j';
      import 'node:fs';
      path.resolve('m');
      resolve('n');
      new URL('https://o.example');
      const not = "import './k.ts'"; // import './l.ts'
    `;
    const { files, packages } = readSource('bot/deep/file.ts', source);
    const names = ['deep/a', 'b', 'deep/c', 'deep/d', 'deep/e', 'deep/f', 'deep/g'];
    expect(files).toEqual(names.map((name) => `bot/${name}.ts`));
    expect(packages).toEqual(['h', '@scope/i', 'j']);
  });

  it.each([
    'process.env.X',
    "process['env']",
    'globalThis.process.env',
    'const { env } = process',
    "import { env } from 'node:process'",
  ])('sees the environment read: %s', (source) => {
    expect(readSource('bot/file.ts', source).readsEnvironment).toBe(true);
  });

  it.each(['import.meta.env', "import { env } from '@xenova/transformers'", 'options.env', '// process.env'])(
    'takes nothing else for the environment: %s',
    (source) => {
      expect(readSource('bot/file.ts', source).readsEnvironment).toBe(false);
    },
  );
});
