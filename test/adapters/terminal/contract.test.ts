import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { TerminalAdapter } from '../../../adapters/terminal/terminal-adapter.ts';
import { adapterContract } from '../../contract/adapter-contract.ts';
import type { AdapterHarness } from '../../contract/adapter-harness.ts';

// The terminal reads the turn's events itself, and takes nothing back: all that was written is one text.
const traits = {
  shows: 'itself',
  messages: false,
  buttons: false,
  typing: false,
  knowsRepeats: false,
} as const;

adapterContract('the terminal', traits, async (): Promise<AdapterHarness> => {
  const working = await mkdtemp(join(tmpdir(), 'parley-terminal-'));
  const input = new PassThrough();
  const output = new PassThrough();
  const written: string[] = [];
  output.on('data', (chunk: Buffer) => written.push(chunk.toString()));
  const adapter = new TerminalAdapter({
    input,
    output,
    errors: output,
    json: false,
    colors: false,
    greeting: '',
    folders: { working, home: working },
    windows: false,
    clock: Date.now,
  });
  const says = async (line: string) => {
    input.write(`${line}\n`);
  };
  return {
    adapter,
    says,
    sends: async (line, { name, bytes }) => {
      await writeFile(join(working, name), bytes);
      await says(`/${line} ./${name}`);
    },
    sees: async () => [{ text: written.join(''), buttons: [], pings: [] }],
    close: async () => {
      await adapter.stop();
      await rm(working, { recursive: true, force: true });
    },
  };
});
