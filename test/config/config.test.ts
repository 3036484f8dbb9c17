import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigSources, loadConfig, loadSettings, secretsOf } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { text } from '../../config/kinds.ts';
import { camelCase, setting } from '../../config/setting.ts';
import { settings } from '../../config/settings.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'parley-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const home = path.resolve('/home/ada');
const folders = {
  home,
  cache: path.join(home, '.cache/parley'),
  data: path.join(home, '.local/share/parley'),
  state: path.join(home, '.local/state/parley'),
};

function load(env: ConfigSources['env'], dotenv?: string | Uint8Array) {
  if (dotenv !== undefined) writeFileSync(path.join(directory, '.env'), dotenv);
  return loadConfig({ env, directory, folders });
}

function errorOf(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('no ConfigError was thrown');
}

describe('the configuration', () => {
  it('has a default for every setting, so that nothing must be set', () => {
    const { config, warnings } = load({});
    expect(warnings).toEqual([]);
    expect(Object.keys(config)).toEqual(Object.keys(settings).map(camelCase));
    expect(config).toMatchObject({
      model: 'auto',
      modelCache: folders.cache,
      modelHost: 'https://huggingface.co',
      hfToken: undefined,
      offline: false,
      engineThreads: 0,
      kvMb: 512,
      dataDir: folders.data,
      historyFile: path.join(folders.state, 'history'),
      discordToken: undefined,
      slackBotToken: undefined,
      logLevel: 'info',
    });
  });

  it('reads the environment and .env, and the environment wins', () => {
    const { config } = load({ KV_MB: '256' }, 'KV_MB=128\nMAX_QUEUE=9');
    expect(config).toMatchObject({ kvMb: 256, maxQueue: 9 });
  });

  it('takes an empty value for the default, also where it hides a value of .env', () => {
    expect(load({ KV_MB: '' }, 'KV_MB=128\nMAX_QUEUE=\nMODEL="  "').config).toMatchObject({
      kvMb: 512,
      maxQueue: 64,
      model: 'auto',
    });
  });

  it('leaves the environment of the process alone', () => {
    const before = { ...process.env };
    load({}, 'KV_MB=128\nPARLEY_TEST_ONLY=1');
    expect(process.env).toEqual(before);
  });

  it('cannot be changed', () => {
    const { config } = load({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(() => Object.assign(config, { model: 'other' })).toThrow(TypeError);
  });

  it('accepts the usual spellings of true and false', () => {
    for (const yes of ['true', 'TRUE', '1', 'yes', 'on', 'y']) {
      expect(load({ OFFLINE: yes }).config.offline, yes).toBe(true);
    }
    for (const no of ['false', 'False', '0', 'no', 'off', 'n']) {
      expect(load({ OFFLINE: no }).config.offline, no).toBe(false);
    }
  });

  it('does not mind the case of words and spaces around values', () => {
    expect(load({ ENGINE_WEIGHTS: ' Q8 ', LOG_LEVEL: 'WARN' }).config).toMatchObject({
      engineWeights: 'q8',
      logLevel: 'warn',
    });
  });

  it('starts relative folders at the folder of .env, and knows ~', () => {
    const cacheOf = (written: string) => load({ MODEL_CACHE: written }).config.modelCache;
    expect(cacheOf('cache')).toBe(path.join(directory, 'cache'));
    expect(cacheOf('~/cache')).toBe(path.join(folders.home, 'cache'));
    expect(cacheOf('~')).toBe(folders.home);
    expect(cacheOf('~cache')).toBe(path.join(directory, '~cache'));
    expect(cacheOf(path.resolve('/var/cache'))).toBe(path.resolve('/var/cache'));
  });
});

describe('a file .env', () => {
  it('may have a byte order mark, CRLF, quotes, comments and export', () => {
    const file = '\uFEFFMODEL="./my model"\r\n# a comment\r\nexport KV_MB=128 # MB\r\nMAX_QUEUE=\'9\'\r\n';
    const { config, warnings } = load({}, file);
    expect(config).toMatchObject({ model: path.join(directory, 'my model'), kvMb: 128, maxQueue: 9 });
    expect(warnings).toEqual([]);
  });

  it('is named when it is a folder', () => {
    mkdirSync(path.join(directory, '.env'));
    expect(errorOf(() => load({})).message).toContain('  .env: got a folder, wants a text file');
  });

  it.each([
    ['UTF-16, as some Windows editors save it', Buffer.from('\uFEFFMODEL=starter', 'utf16le')],
    ['Latin-1', Buffer.from('MODEL=caf\u00e9', 'latin1')],
    ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1])],
  ])('is refused when it is not UTF-8: %s', (_, bytes) => {
    expect(errorOf(() => load({}, bytes)).problems).toMatchObject([
      { name: '.env', got: 'a file that is not UTF-8 text' },
    ]);
  });

  it('is warned about where a name looks like a typo of a setting', () => {
    const { warnings } = load({}, 'OFLINE=1\nmodel=starter\nLOG-LEVEL=warn\nKV_BM=512');
    expect(warnings.map(({ message }) => message)).toEqual([
      'OFLINE in .env is no setting and has no effect. Did you mean OFFLINE?',
      'model in .env is no setting and has no effect. Did you mean MODEL?',
      'LOG-LEVEL in .env is no setting and has no effect. Did you mean LOG_LEVEL?',
      'KV_BM in .env is no setting and has no effect. Did you mean KV_MB?',
    ]);
  });

  it('is warned about where a name is unknown, without showing the value', () => {
    const { warnings } = load({}, 'SOMETHING_ELSE=hunter2');
    expect(warnings).toEqual([
      {
        name: 'SOMETHING_ELSE',
        message: 'SOMETHING_ELSE in .env is no setting and has no effect. Remove it, or see .env.example.',
      },
    ]);
  });

  it('is warned about where a setting has no =, which dotenv would skip without a word', () => {
    expect(load({}, '# MODEL\nOFFLINE\nMODEL starter\nKV_MB = 64\nMAX_QUEUE: 9').warnings).toMatchObject([
      { name: 'OFFLINE', message: 'Line 2 of .env names OFFLINE but sets nothing. Write OFFLINE=value.' },
      { name: 'MODEL', message: 'Line 3 of .env names MODEL but sets nothing. Write MODEL=value.' },
    ]);
  });

  it('is the only place warned about: the environment is full of other things', () => {
    expect(load({ MODLE: 'x', PATH: '/bin' }).warnings).toEqual([]);
  });
});

describe('wrong values', () => {
  it('are told all at once, with what was found, where, and what is wanted', () => {
    const error = errorOf(() =>
      load({ OFFLINE: 'perhaps', ENGINE_WEIGHTS: 'q5' }, 'KV_MB=lots\nMAX_QUEUE=8'),
    );
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toBe(
      [
        '3 settings are wrong, so Parley did not start:',
        '  OFFLINE (in the environment): got "perhaps", wants true or false',
        '  ENGINE_WEIGHTS (in the environment): got "q5", wants q4, q8 or fp32',
        '  KV_MB (in .env): got "lots", wants a whole number from 16 to 1048576 (MB)',
        'Correct what is named here, or remove it to get the default. .env.example lists every setting.',
      ].join('\n'),
    );
  });

  it('are told together with an unreadable .env', () => {
    mkdirSync(path.join(directory, '.env'));
    const { problems } = errorOf(() => load({ KV_MB: 'lots' }));
    expect(problems.map(({ name }) => name)).toEqual(['.env', 'KV_MB']);
  });

  it.each(['8.5', '-1', '1e3', '0x40', '512 MB', '15', '1048577', '9'.repeat(400), 'NaN', 'Infinity', '٥١٢'])(
    'are numbers that are not whole, not plain or out of bounds: %s',
    (written) => {
      expect(errorOf(() => load({ KV_MB: written })).problems).toMatchObject([{ name: 'KV_MB' }]);
    },
  );

  it('are shown shortened and printable', () => {
    const { message } = errorOf(() => load({ KV_MB: `\u001b[2J\u202e${'x'.repeat(5000)}` }));
    expect(message).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(message.length).toBeLessThan(500);
  });

  it('never surprise: any text gives a configuration or a ConfigError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (written, file) => {
        try {
          load({ KV_MB: written, MODEL_CACHE: written, OFFLINE: written, MODEL: written }, file);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});

describe('a secret setting', () => {
  const table = {
    BOT_TOKEN: setting({
      section: 'engine',
      kind: text('a token of letters'),
      default: undefined,
      sentence: 'The token.',
      secret: true,
    }),
    NAME: setting({ section: 'engine', kind: text('a name'), default: 'parley', sentence: 'The name.' }),
  };
  const loadTable = (env: ConfigSources['env']) => loadSettings(table, { env, directory, folders });

  it('is masked in errors', () => {
    const error = errorOf(() => loadTable({ BOT_TOKEN: 'sesame\u0007open' }));
    expect(error.message).toContain('BOT_TOKEN (in the environment): got a secret of 11 characters, wants');
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain('sesame');
  });

  it('may be absent, and is handed to the log when it is there', () => {
    expect(secretsOf(loadTable({}).config, table)).toEqual([]);
    expect(secretsOf(loadTable({ BOT_TOKEN: 'open-sesame', NAME: 'ada' }).config, table)).toEqual([
      'open-sesame',
    ]);
  });
});
