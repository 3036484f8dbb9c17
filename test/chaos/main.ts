import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { type Flags, readFlags, USAGE } from './flags.ts';
import { fuzz } from './fuzz/fuzz.ts';
import { report } from './report.ts';
import { SCENARIOS } from './scenarios.ts';
import { soak } from './soak.ts';
import { Undisturbed } from './undisturbed.ts';
import { type Outcome, verify } from './verify.ts';

const log = (line: string) => console.error(line);

process.exit(await main(process.argv.slice(2)));

async function main(typed: readonly string[]): Promise<number> {
  let flags: Flags;
  try {
    flags = readFlags(typed, Math.floor(Math.random() * 1e9));
  } catch (error) {
    log(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (flags.list) {
    for (const { name, done } of SCENARIOS) console.log(`${name}: ${done}`);
    return 0;
  }
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  console.log(
    `Seed ${flags.seed}. ${machine}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`,
  );
  const cache = await mkdtemp(path.join(tmpdir(), 'parley-chaos-cache-'));
  try {
    return flags.soak ? await soak({ seed: flags.seed, cache, log }) : await all(flags, cache);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

async function all({ seed, size, only, fuzz: messages, evidence }: Flags, cache: string): Promise<number> {
  const wanted = (name: string) => only.length === 0 || only.includes(name);
  const model = { model: 'starter', cache };
  const undisturbed = await Undisturbed.start(model, seed);
  const outcomes: Outcome[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => wanted(name))) {
    const unavailable = scenario.unavailable?.();
    if (unavailable !== undefined) {
      log(`${scenario.name}: not tried here: ${unavailable}.`);
      continue;
    }
    const outcome = await verify(scenario, { seed, model, undisturbed, size, evidence });
    log(`${scenario.name}: ${outcome.turns} requests, ${outcome.broken.length} promises broken`);
    outcomes.push(outcome);
  }
  await undisturbed.close();
  if (outcomes.length > 0) console.log(`${report(outcomes)}\n`);
  const fuzzed = wanted('fuzz') && messages > 0 ? await runFuzz(messages, seed) : true;
  return fuzzed && outcomes.every(({ broken }) => broken.length === 0) ? 0 : 1;
}

async function runFuzz(messages: number, seed: number): Promise<boolean> {
  const began = performance.now();
  try {
    await fuzz(messages, seed);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(`Fuzz: ${messages} hostile messages in ${seconds} s, no promise broken.`);
    return true;
  } catch (error) {
    console.log(`Fuzz: ${error instanceof Error ? `${error.message}\n${error.cause ?? ''}` : error}`);
    return false;
  }
}
