import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchDelivery } from './delivery.ts';
import { benchEngine } from './engine.ts';
import { type Figure, renderTable } from './figure.ts';
import { benchSlackDelivery } from './slack-delivery.ts';

/** What can be measured, by name; `npm run bench -- NAME …` runs only those. */
const SECTIONS: Readonly<Record<string, (log: (line: string) => void) => Promise<readonly Figure[]>>> = {
  engine: benchEngine,
  delivery: benchDelivery,
  slack: benchSlackDelivery,
};

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  console.error(
    `Nothing to measure by the name of ${unknown.join(', ')}. There is: ${Object.keys(SECTIONS).join(', ')}.`,
  );
  process.exit(2);
}
const names = positionals.length > 0 ? positionals : Object.keys(SECTIONS);
const log = (line: string) => console.error(line);
const figures: Figure[] = [];
for (const name of names) figures.push(...((await SECTIONS[name]?.(log)) ?? []));

const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
const date = new Date().toISOString().slice(0, 10);
if (values.json) console.log(JSON.stringify({ machine, node: process.version, date, figures }, null, 2));
else console.log(`\n${machine}, Node ${process.version}, ${date}\n\n${renderTable(figures)}`);
