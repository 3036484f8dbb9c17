import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { WEIGHTS } from '../../inference/graph/weights.ts';
import type { BenchContext } from './bench-context.ts';
import { withBenchFolder } from './bench-folder.ts';
import { SECTIONS } from './sections.ts';

const USAGE = `npm run bench -- [--folder FOLDER] [--weights q8,q4] [--rounds N] [--json] [SECTION …]

--folder keeps the models that are measured, so that the next run need not write them again; --rounds measures more or fewer
times than each section does by itself.
Sections: ${Object.keys(SECTIONS).join(', ')}; all of them unless some are named.`;

const { values, positionals } = parseArgs({
  options: {
    folder: { type: 'string' },
    weights: { type: 'string', default: 'q8,q4' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
if (values.rounds !== undefined && !/^[1-9]\d*$/.test(values.rounds)) {
  console.error(`--rounds wants a whole number above zero, and got ${values.rounds}.\n\n${USAGE}`);
  process.exit(2);
}
const weights = values.weights.split(',').map((typed) => WEIGHTS.find((known) => known === typed));
if (!weights.every((kind) => kind !== undefined)) {
  console.error(`--weights wants some of ${WEIGHTS.join(', ')}, and got ${values.weights}.\n\n${USAGE}`);
  process.exit(2);
}
const unknown = positionals.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  console.error(`Nothing to measure by the name of ${unknown.join(', ')}.\n\n${USAGE}`);
  process.exit(2);
}

const names = positionals.length > 0 ? positionals : Object.keys(SECTIONS);
await withBenchFolder(values.folder, async (folder) => {
  const context: BenchContext = {
    folder,
    weights: weights,
    rounds: values.rounds === undefined ? undefined : Number(values.rounds),
    log: (line) => console.error(line),
  };
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const date = new Date().toISOString().slice(0, 10);
  const data: Record<string, unknown> = {};
  if (!values.json) console.log(`${machine}, Node ${process.version}, ${date}`);
  for (const name of names) {
    const result = await SECTIONS[name]?.(context);
    data[name] = result?.data;
    if (!values.json) console.log(`\n${result?.table}\n`);
  }
  if (values.json)
    console.log(JSON.stringify({ machine, node: process.version, date, sections: data }, null, 2));
});
