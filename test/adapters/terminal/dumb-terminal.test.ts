import { expect, test } from 'vitest';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { openTerminal } from './terminal.ts';

// TERM=dumb: the window of an editor, which shows what is printed and knows no sequences.

async function sit(engine = new ScriptedEngine((reply) => reply.write(' Yes.').end())) {
  const terminal = await openTerminal({ engine, person: true, dumb: true });
  await terminal.output.shows('Welcome.\n\n> ');
  return { ...terminal, engine };
}

test('lines are answered at a prompt, with nothing but text on the screen', async () => {
  const { input, output, adapter } = await sit();
  input.write('What is tea?\n');
  await output.shows(/Yes\.\n\n> $/);
  input.write('/nope\n\nexit\n');
  await adapter.ended;
  expect(output.raw).toBe(output.text);
  expect(output.text).toContain('There is no command /nope. See /help for those there are.\n\n> ');
  expect(output.text).toContain('There is nothing on that line.');
  expect(input.raw).toBe(false);
});

test('the end of its input is the end', async () => {
  const { input, adapter } = await sit();
  input.end();
  await adapter.ended;
});

test('Ctrl-C comes as a signal, and is taken only while a reply runs', async () => {
  const { input, output, engine, adapter } = await sit(new ScriptedEngine());
  expect(adapter.interrupt()).toBe(false);
  input.write('one\n');
  (await engine.next()).write(' Half an');
  await output.shows('Half an');
  expect(adapter.interrupt()).toBe(true);
  await output.shows(/Half an…?\nStopped\.\n\n> $/);
  expect(adapter.interrupt()).toBe(false);
  await adapter.stop();
});

test('what others have to say has a line of its own', async () => {
  const { output, adapter } = await sit();
  adapter.say('warn: something');
  await output.shows(/> \nwarn: something\n> $/);
  await adapter.stop();
});
