import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { configFromProcess, isDumbTerminal } from '../config/from-process.ts';
import { readModelName } from '../config/model-kind.ts';
import { InferenceError } from '../inference/errors.ts';
import { compiledModel, compiledOf } from '../inference/model/compiled.ts';
import { formatBytes } from '../inference/model/hub/bytes.ts';
import { type CacheEntry, findCached, listCached, removeCached } from '../inference/model/hub/cache.ts';
import { WEIGHTS } from '../inference/model/hub/checkpoint-plan.ts';
import { diskFailure } from '../inference/model/hub/disk.ts';
import { fetchModel, GPT2 } from '../inference/model/hub-model.ts';
import { modelChoice } from '../inference/model/locate.ts';
import { EXIT, firstSignal } from './exit-status.ts';
import { duration } from './model-progress.ts';
import { ProgressDisplay } from './progress-display.ts';

// Fetches, lists and removes models, for whoever does not want to wait for that in a chat.

const USAGE = `Usage: npm run model -- COMMAND

  list          show the models in the cache
  fetch [ID]    fetch a model from the hub and prepare it, so that the next start is quick; without an ID the one that
                MODEL names, or ${GPT2}
  remove ID     remove a model, and what was made of it

An ID looks like openai-community/gpt2-medium. The settings MODEL_CACHE, MODEL_HOST, HF_TOKEN, OFFLINE and ENGINE_WEIGHTS
count here as they do for the bot.

Exit status: 0 when it is done, 1 when it failed, 2 when the command is wrong, 78 when a setting is wrong, 130 or 143
when interrupted or terminated: then what has arrived is kept, and the same command goes on from there.
`;

process.exit(await main(process.argv.slice(2)));

async function main([command, id, ...rest]: readonly string[]): Promise<number> {
  if (command === '--help' || command === '-h') {
    process.stdout.write(USAGE);
    return EXIT.ended;
  }
  if (rest.length > 0) return wrong(`There is something behind ${id} that does not belong there.`);
  try {
    const { config } = configFromProcess();
    switch (command) {
      case 'list':
        return id === undefined ? await listModels(config) : wrong('list takes nothing behind it.');
      case 'fetch':
        return await fetchOne(id ?? wantedBy(config), config);
      case 'remove':
        return id === undefined ? wrong('Which model shall be removed?') : await removeOne(id, config);
      case undefined:
        return wrong('What shall be done?');
      default:
        return wrong(`There is no command ${JSON.stringify(command.slice(0, 40))}.`);
    }
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof InferenceError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error instanceof ConfigError ? EXIT.wrongSettings : EXIT.failed;
  }
}

function wrong(message: string): number {
  process.stderr.write(`${message}\n\n${USAGE}`);
  return EXIT.wrongUsage;
}

async function listModels(config: Config): Promise<number> {
  const entries = await listCached(config.modelCache);
  const width = Math.max(...entries.map(({ id }) => id.length));
  for (const entry of entries) {
    process.stdout.write(`${entry.id.padEnd(width)}  ${await stateOf(entry, config)}\n`);
  }
  if (entries.length === 0) process.stdout.write(`No model has been fetched into ${config.modelCache}.\n`);
  return EXIT.ended;
}

async function stateOf({ id, checkpoint, bytesOnDisk }: CacheEntry, config: Config): Promise<string> {
  const size = formatBytes(bytesOnDisk).padStart(8);
  if (!checkpoint) return `${size}  unfinished; npm run model -- fetch ${id} goes on`;
  const kinds = (await compiledOf(checkpoint.folder, config.modelCache)).filter(({ current }) => current);
  if (kinds.length === 0) return `${size}  fetched; it is prepared at its first start`;
  return `${size}  ready (${kinds.map(({ weights }) => weights).join(', ')})`;
}

/** The id that MODEL names, or GPT-2's. */
function wantedBy({ model }: Config): string {
  const choice = modelChoice(model);
  return choice.kind === 'hub' ? choice.id : GPT2;
}

async function fetchOne(typed: string, config: Config): Promise<number> {
  const id = hubId(typed);
  if (id === undefined) return wrong(notAnId(typed));
  const display = new ProgressDisplay({
    output: process.stderr,
    inPlace: process.stderr.isTTY === true && !isDumbTerminal(),
    clock: Date.now,
  });
  const stopped = new AbortController();
  let status: number = EXIT.failed;
  void firstSignal().then((signal) => {
    status = signal;
    stopped.abort();
  });
  const { signal } = stopped;
  const { modelHost, hfToken, modelCache, offline, engineWeights } = config;
  try {
    if (!offline) display.passing(`Asking ${new URL(modelHost).host} for ${id} …`);
    const { folder } = await fetchModel(
      id,
      { host: modelHost, token: hfToken, cacheDir: modelCache, offline },
      {
        signal,
        onProgress: (progress) => {
          // The others are there before anybody could read it.
          if (progress.file === WEIGHTS) display.progress(id, progress);
        },
        onRetry: ({ error, waitMs }) =>
          display.say(`${error.message} Trying again in ${duration(waitMs / 1000)}.`),
      },
    );
    const onCompile = () => display.passing(`${id} is being prepared …`);
    await compiledModel(folder, engineWeights, modelCache, { signal, onCompile });
  } catch (error) {
    if (!signal.aborted) throw error;
    display.say(await whatIsKept(id, modelCache));
    return status;
  } finally {
    display.clear();
  }
  process.stdout.write(`${id} is ready (${engineWeights}). ${howToUse(id)}\n`);
  return EXIT.ended;
}

async function whatIsKept(id: string, cacheDir: string): Promise<string> {
  const entry = (await listCached(cacheDir)).find((each) => each.id === id);
  const kept = entry ? `${formatBytes(entry.bytesOnDisk)} are kept; the` : 'The';
  return `Stopped. ${kept} same command goes on from there: npm run model -- fetch ${id}`;
}

function howToUse(id: string): string {
  return id === GPT2 ? 'The bot uses it by itself (MODEL=auto).' : `The bot uses it with MODEL=${id}.`;
}

async function removeOne(typed: string, config: Config): Promise<number> {
  const id = hubId(typed);
  if (id === undefined) return wrong(notAnId(typed));
  const { modelCache } = config;
  const checkpoint = await findCached(modelCache, id);
  const graphs = checkpoint ? await compiledOf(checkpoint.folder, modelCache) : [];
  // First what could not be found without the checkpoint.
  for (const { folder } of graphs) {
    await rm(folder, { recursive: true, force: true }).catch((error) => {
      throw diskFailure(error, folder);
    });
  }
  const onWait = () => process.stderr.write('Waiting for another process that fetches it …\n');
  if (!(await removeCached(modelCache, id, { onWait }))) {
    process.stderr.write(`${id} is not in the cache. See npm run model -- list.\n`);
    return EXIT.failed;
  }
  process.stdout.write(`${id} is removed.\n`);
  return EXIT.ended;
}

/** What was typed as an id, whether or not a folder of that name is here; `auto` stands for GPT-2. */
function hubId(typed: string): string | undefined {
  const name = readModelName(typed, { directory: process.cwd(), home: homedir(), exists: () => false });
  const choice = name === undefined ? undefined : modelChoice(name);
  if (choice?.kind === 'auto') return GPT2;
  return choice?.kind === 'hub' ? choice.id : undefined;
}

function notAnId(typed: string): string {
  const shown = JSON.stringify(typed.slice(0, 100));
  return `${shown} is not the id of a model on the hub; one looks like openai-community/gpt2.`;
}
