import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { openTerminal } from './terminal.ts';

const ENTER = '\r';
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const UP = '\x1b[A';
const pasted = (text: string) => `\x1b[200~${text}\x1b[201~`;

async function sit(engine = new ScriptedEngine(), more: { historyFile?: string; working?: string } = {}) {
  const terminal = await openTerminal({ engine, person: true, ...more });
  await terminal.output.shows('> ');
  let seen = 0;
  return {
    ...terminal,
    engine,
    type: (keys: string) => terminal.input.write(keys),
    /** Waits for something that was not there at the last look. */
    sees: async (expected: string | RegExp) => {
      await terminal.output.shows(expected, seen);
      seen = terminal.output.text.length;
    },
  };
}

const answering = () => new ScriptedEngine((reply) => reply.write(' Yes.').end());

describe('at the prompt', () => {
  test('a line is answered below it, as the answer grows, and the next prompt comes', async () => {
    const { type, sees, engine } = await sit();
    type(`What is tea?${ENTER}`);
    const reply = (await engine.next()).write(' A leaf');
    await sees('A leaf');
    reply.write(' in water.').end();
    await sees(/ in water\.\n\n.*> $/);
    expect(engine.replies[0]?.prompt).toBe('Q: What is tea?\nA:');
  });

  test('there is a prompt before there is a model', async () => {
    const { output } = await openTerminal({ engine: new Promise(() => undefined), person: true });
    await output.shows('Welcome.\n\n> ');
  });

  test('the place in the queue is shown until the answer comes', async () => {
    const { type, sees, engine } = await sit();
    type(`Hi${ENTER}`);
    const reply = (await engine.next()).queued(3);
    await sees('Number 3 in the queue, about 3 s');
    reply.write(' Hi.').end();
    await sees('Hi.');
  });

  test('what is not understood, empty lines too, is answered and the session goes on', async () => {
    const { type, sees } = await sit(answering());
    type(`/sumarize${ENTER}`);
    await sees('Did you mean /summarize?');
    type(ENTER);
    await sees('There is nothing on that line.');
    type(`/summarize ./none.txt${ENTER}`);
    await sees('There is no file ./none.txt');
    type(`Still there?${ENTER}`);
    await sees('Yes.');
  });

  test('Tab completes the names of commands', async () => {
    const { type, sees, engine } = await sit(answering());
    type(`/su\ta text${ENTER}`);
    await sees('Yes.');
    expect(engine.replies[0]?.prompt).toBe('a text\n\nTL;DR:');
  });

  test('Tab completes the path behind a command', async () => {
    const working = await temporaryFolder();
    await writeFile(path.join(working, 'my notes.txt'), 'Ann came late.');
    const { type, sees, engine } = await sit(answering(), { working });
    type(`/ask ./my\tWho came?${ENTER}`);
    await sees('Yes.');
    expect(engine.replies[0]?.prompt).toBe('Ann came late.\n\nQ: Who came?\nA:');
  });

  test('Up brings lines of earlier sessions back, and nothing that was pasted', async () => {
    const historyFile = path.join(await temporaryFolder(), 'history');
    const first = await sit(answering(), { historyFile });
    first.type(`/ask one${ENTER}`);
    await first.sees('Yes.');
    first.type(`/ask ${pasted('secret\rtwo')}${ENTER}`);
    await first.sees('Yes.');
    await first.adapter.stop();
    expect(await readFile(historyFile, 'utf8')).toBe('/ask one\n');
    const { type, sees, engine } = await sit(answering(), { historyFile });
    type(`${UP}${ENTER}`);
    await sees('Yes.');
    expect(engine.replies[0]?.prompt).toBe('Q: one\nA:');
  });

  test('Up brings lines back', async () => {
    const { type, sees, engine } = await sit(answering());
    type(`/ask one${ENTER}`);
    await sees('Yes.');
    type(`${UP} more${ENTER}`);
    await sees('Yes.');
    expect(engine.replies[1]?.prompt).toBe('Q: one more\nA:');
  });

  test('/quit and Ctrl-D leave', async () => {
    for (const keys of [`/quit${ENTER}`, CTRL_D]) {
      const { type, adapter, input } = await sit();
      type(keys);
      await adapter.ended;
      expect(input.raw).toBe(false);
    }
  });
});

describe('a pasted block', () => {
  test('is one input under a label, and whole when it is sent', async () => {
    const { type, sees, engine } = await sit(answering());
    type(`/summarize ${pasted('one\rtwo\rthree')}`);
    await sees('/summarize [pasted 3 lines]');
    expect(engine.replies).toHaveLength(0);
    type(ENTER);
    await sees('Yes.');
    expect(engine.replies[0]?.prompt).toBe('one\ntwo\nthree\n\nTL;DR:');
  });

  test('comes back with its line', async () => {
    const { type, sees, engine } = await sit(answering());
    type(`/summarize ${pasted('one\rtwo')}${ENTER}`);
    await sees('Yes.');
    type(`${UP}${ENTER}`);
    await sees('Yes.');
    expect(engine.replies[1]?.prompt).toBe('one\ntwo\n\nTL;DR:');
  });

  test('is asked for from the terminal only while Parley runs', async () => {
    const { output, adapter } = await sit();
    expect(output.raw.endsWith('\x1b[?2004l')).toBe(false);
    expect(output.raw).toContain('\x1b[?2004h');
    await adapter.stop();
    expect(output.raw).toContain('\x1b[?2004l');
  });
});

describe('while a reply runs', () => {
  test('what is typed waits for the next prompt', async () => {
    const { type, sees, engine, output } = await sit();
    type(`one${ENTER}`);
    const first = (await engine.next()).write(' First');
    await sees('First');
    type(`two${ENTER}three`);
    first.write(' answer.').end();
    (await engine.next()).write(' Second answer.').end();
    await sees(/> two[\s\S]*Second answer\.[\s\S]*> three$/);
    expect(output.text).toMatch(/First answer\.\n\n> two/);
  });

  test('Ctrl-C stops it: the text so far stays, and a plain line says so', async () => {
    const { type, sees, engine } = await sit();
    type(`one${ENTER}`);
    (await engine.next()).write(' Half an');
    await sees('Half an');
    type(CTRL_C);
    await sees(/\nStopped\.\n\n> $/);
    expect(engine.replies[0]?.ended).toBe(true);
    type(`two${ENTER}`);
    (await engine.next()).write(' Whole.').end();
    await sees('Whole.');
  });

  test('Ctrl-C and Ctrl-C again leave', async () => {
    const { type, sees, engine, adapter } = await sit();
    type(`one${ENTER}`);
    (await engine.next()).write(' Half an');
    await sees('Half an');
    type(CTRL_C);
    await sees('Stopped.');
    type(CTRL_C);
    await adapter.ended;
  });

  test('what others have to say waits for its end', async () => {
    const { type, sees, engine, adapter, output } = await sit();
    type(`one${ENTER}`);
    const reply = (await engine.next()).write(' Half an');
    await sees('Half an');
    adapter.say('warn: something else');
    reply.write(' answer.').end();
    await sees('something else');
    expect(output.text).toContain('Half an answer.\n');
  });

  test('generated text cannot steer the terminal', async () => {
    const { type, sees, engine, output } = await sit();
    type(`one${ENTER}`);
    (await engine.next()).write(' clear\x1b[2Jed \x07').end();
    await sees('clear[2Jed');
    expect(output.raw).not.toContain('\x1b[2J');
  });
});

describe('after a suspension (fg)', () => {
  test('the keyboard is raw again, and the prompt is there with what was typed', async () => {
    const { type, sees, input, output } = await sit();
    type('half a li');
    await sees(/half a li$/);
    // The shell has used the terminal in its own way.
    input.raw = false;
    process.emit('SIGCONT', 'SIGCONT');
    expect(input.raw).toBe(true);
    await sees('> half a li');
    expect(output.raw.endsWith('> half a li\x1b[12G')).toBe(true);
  });

  test('a reply goes on, without a prompt in it', async () => {
    const { type, sees, engine } = await sit();
    type(`one${ENTER}`);
    const reply = (await engine.next()).write(' Half an');
    await sees('Half an');
    process.emit('SIGCONT', 'SIGCONT');
    reply.write(' answer.').end();
    await sees(/^ answer\.\n\n> $/);
  });
});

describe('another width', () => {
  const resize = (output: Awaited<ReturnType<typeof sit>>['output'], columns: number) => {
    output.columns = columns;
    output.emit('resize');
  };

  test('draws the prompt anew, from the row on in which it begins now', async () => {
    const { type, sees, output } = await sit();
    type('word '.repeat(18));
    await sees(/word $/);
    const before = output.raw.length;
    resize(output, 40);
    // It took two rows of 80 columns and takes three of 40, at the end of which the cursor stands.
    expect(output.raw.slice(before)).toContain('\x1b[1A\x1b[1A\x1b[1G\x1b[0J> word');
  });

  test('leaves a reply that runs alone', async () => {
    const { type, sees, engine, output } = await sit();
    type(`one${ENTER}`);
    const reply = (await engine.next()).write(' Half an');
    await sees('Half an');
    resize(output, 40);
    reply.write(' answer.').end();
    await sees(/^ answer\.\n\n> $/);
  });

  test('is what lines are broken to', async () => {
    const { type, sees, output } = await sit(answering());
    resize(output, 30);
    type(`/nope${ENTER}`);
    await sees(/are\.\n\n> $/);
    expect(output.text).toContain('There is no command /nope.\nSee /help for those there\nare.\n');
  });
});

describe('Ctrl-C at the prompt', () => {
  test('takes back what was typed', async () => {
    const { type, sees, engine } = await sit(answering());
    type(`/ask one${CTRL_C}/ask two${ENTER}`);
    await sees('Yes.');
    expect(engine.replies[0]?.prompt).toBe('Q: two\nA:');
  });

  test('says how to leave, and leaves the second time', async () => {
    const { type, sees, adapter } = await sit();
    type(CTRL_C);
    await sees('Press Ctrl-C again to leave.');
    type(CTRL_C);
    await adapter.ended;
  });

  test('has to be pressed twice again after something else', async () => {
    const { type, sees, engine } = await sit(answering());
    type(CTRL_C);
    await sees('Press Ctrl-C again');
    type(`Hi${ENTER}`);
    await sees('Yes.');
    type(CTRL_C);
    await sees('Press Ctrl-C again');
    expect(engine.replies).toHaveLength(1);
  });
});

test('a terminal that is closed ends the session', async () => {
  const { input, adapter } = await sit();
  input.end();
  await adapter.ended;
});
