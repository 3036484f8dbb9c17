import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../../adapters/terminal/arguments.ts';
import { InferenceError } from '../../../inference/errors.ts';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { openTerminal } from './terminal.ts';

const answering = () => new ScriptedEngine((reply) => reply.write(' Yes').write(' indeed.').end());

/** Starts it as the command line says. */
async function open(typed: readonly string[], { engine = answering(), person = false, working = '.' } = {}) {
  const asked = parseArguments(['--task', ...typed], person);
  if (asked.kind !== 'run' || !asked.task) throw new Error('no task');
  const { json, task } = asked;
  return { ...(await openTerminal({ engine, json, task, person, working })), engine };
}

async function run(
  typed: readonly string[],
  input: string | Uint8Array = '',
  set: Parameters<typeof open>[1] = {},
) {
  const terminal = await open(typed, set);
  terminal.input.end(input);
  await terminal.adapter.ended;
  const { output, errors, adapter, engine } = terminal;
  const prompts = engine.replies.map((reply) => reply.prompt);
  return { out: output.text, err: errors.text, trouble: adapter.trouble, prompts };
}

describe('one task, and out', () => {
  test('has its answer on standard output and nothing else anywhere', async () => {
    expect(await run(['ask', 'What is tea?'])).toEqual({
      out: 'Yes indeed.\n',
      err: '',
      trouble: undefined,
      prompts: ['Q: What is tea?\nA:'],
    });
  });

  test('reads a file that is named', async () => {
    const working = await temporaryFolder();
    await writeFile(path.join(working, 'notes.txt'), 'Ann came late.');
    const { prompts } = await run(['ask', '--file', 'notes.txt', 'Who came?'], '', { working });
    expect(prompts).toEqual(['Ann came late.\n\nQ: Who came?\nA:']);
  });

  test('reads standard input as a whole, and not line by line', async () => {
    const text = 'Ann came late.\n\n/help\n\nBob did not come.\n';
    const whole = 'Ann came late.\n\n/help\n\nBob did not come.\n\nTL;DR:';
    expect((await run(['summarize'], text)).prompts).toEqual([whole]);
    expect((await run(['ask', 'Who came?'], 'Ann came late.')).prompts).toEqual([
      'Ann came late.\n\nQ: Who came?\nA:',
    ]);
    expect((await run(['chat'], 'Hello\n')).prompts).toEqual(['Q: Hello\nA:']);
  });

  test('reads a text in any encoding that it reads from files', async () => {
    const { prompts } = await run(['summarize'], Buffer.from('\ufeffCafé', 'utf16le'));
    expect(prompts).toEqual(['Café\n\nTL;DR:']);
  });

  test('answers a question on its own where standard input has nothing', async () => {
    expect((await run(['ask', 'Who came?'], '')).prompts).toEqual(['Q: Who came?\nA:']);
  });

  test('draws with the seed that was asked for', async () => {
    const engine = answering();
    await run(['ask', '--seed', '42', 'What is tea?'], '', { engine });
    expect(engine.replies[0]?.options.seed).toBe(42);
  });

  test('has the options of its command', async () => {
    const { prompts } = await run(['translate', '--to', 'English', 'Bonjour.']);
    expect(prompts[0]).toMatch(/\nBonjour\. =$/);
    expect((await run(['fill', 'No gap.'])).trouble).toMatch(/^There is no gap in the text/);
  });

  test('is answered as events with --json', async () => {
    const { out } = await run(['ask', '--json', 'What is tea?']);
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ turn, type, text }) => [turn, type, text])).toEqual([
      [1, 'delta', 'Yes'],
      [1, 'delta', ' indeed.'],
      [1, 'final', 'Yes indeed.'],
    ]);
  });
});

describe('a task that is not answered', () => {
  test.each([
    [['summarize'], '', 'Standard input has no text in it.'],
    [['ask'], ' \n ', 'Standard input has no text in it.'],
    [['chat'], Buffer.from([0, 1, 2, 3]), 'Standard input is not a text file.'],
    [['summarize'], Buffer.alloc(10 * 1024 * 1024 + 1, 'x'), 'Standard input is larger than 10 MB.'],
    [['summarize', '--file', './none.txt'], '', 'There is no file ./none.txt.'],
    [['ask', '--file', './none.txt'], '', 'What would you like to know about ./none.txt?'],
  ])('%j says why, in words for the end of the program', async (typed, input, why) => {
    expect(await run(typed, input)).toMatchObject({ out: '', trouble: expect.stringMatching(why) });
  });

  test('says so where the model had nothing to say', async () => {
    const engine = new ScriptedEngine((reply) => reply.end());
    const { out, err, trouble } = await run(['ask', 'Well?'], '', { engine });
    expect({ out, err }).toEqual({ out: '', err: '' });
    expect(trouble).toMatch(/^The model had nothing to say to that/);
  });

  test('keeps what there is of the answer', async () => {
    const engine = new ScriptedEngine((reply) => {
      reply.write(' Half an');
      setTimeout(() => reply.fail(new InferenceError('PROMPT_FAILED', 'It died.')), 20);
    });
    const { out, trouble } = await run(['ask', 'Well?'], '', { engine });
    expect(out).toBe('Half an\n');
    expect(trouble).toMatch(/^The model failed/);
  });

  test('is an event with --json, and has its reason for standard error too', async () => {
    const { out, trouble } = await run(['summarize', '--json', '--file', './none.txt']);
    expect(JSON.parse(out)).toMatchObject({ type: 'final', reason: 'error', error: { message: trouble } });
  });
});

describe('somebody who watches', () => {
  test('sees what there is to wait for, and nothing of it when the answer has come', async () => {
    const { engine, output, errors, adapter } = await open(['ask', 'Well?'], {
      engine: new ScriptedEngine(),
      person: true,
    });
    const reply = (await engine.next()).queued(3);
    await errors.shows('Number 3 in the queue');
    reply.write(' Yes.').end();
    await adapter.ended;
    expect(errors.raw.endsWith('\r\x1b[J')).toBe(true);
    expect(output.text).toBe('Yes.\n');
  });
});

describe('stopping', () => {
  test('ends the answer with what there is of it', async () => {
    const { engine, output, adapter } = await open(['ask', 'Well?'], {
      engine: new ScriptedEngine(),
      person: true,
    });
    (await engine.next()).write(' Half an');
    await output.shows('Half an');
    await adapter.stop();
    expect(output.text).toBe('Half an\n');
  });

  test('works while standard input goes on', async () => {
    const { input, engine, adapter } = await open(['summarize']);
    input.write('A text with no end');
    await adapter.stop();
    expect(engine.replies).toEqual([]);
  });

  test('is what happens when nobody reads any more', async () => {
    const { input, output, errors, engine, adapter } = await open(['ask', 'Well?'], {
      engine: new ScriptedEngine(),
    });
    input.end();
    (await engine.next()).write(' Half an');
    await output.shows('Half an');
    output.destroy(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
    await adapter.ended;
    expect(engine.replies[0]?.ended).toBe(true);
    expect({ trouble: adapter.trouble, err: errors.text }).toEqual({ trouble: undefined, err: '' });
  });

  test('is told where the disk is full, or whatever else keeps the answer from being written', async () => {
    const { input, output, engine, adapter } = await open(['ask', 'Well?'], { engine: new ScriptedEngine() });
    input.end();
    (await engine.next()).write(' Half an');
    await output.shows('Half an');
    output.destroy(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }));
    await adapter.ended;
    expect(adapter.trouble).toMatch(/^The answer cannot be written: ENOSPC: no space left\. /);
  });
});
