import { expect, test } from 'vitest';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { openTerminal } from './terminal.ts';

/** What the model is asked when these lines come through a pipe; it answers One, Two, Three, and says nothing to "mute". */
async function piped(...lines: readonly string[]) {
  let said = 0;
  const engine = new ScriptedEngine((reply) => {
    said += 1;
    const answer = ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.'][said - 1] ?? 'More.';
    reply.write(reply.prompt.endsWith('mute\nA:') && said < 3 ? '' : ` ${answer}`).end();
  });
  const terminal = await openTerminal({ engine });
  terminal.input.end(`${lines.join('\n')}\n`);
  await terminal.adapter.ended;
  return { prompts: engine.replies.map(({ prompt }) => prompt), terminal };
}

test('what /again answers takes the place of the answer before it in the memory', async () => {
  const { prompts } = await piped('Count.', '/again', 'Go on.');
  expect(prompts.at(-1)).toBe('Q: Count.\nA: Two.\nQ: Go on.\nA:');
});

test('what /again answers to a question that had no answer is the answer to it', async () => {
  const { prompts } = await piped('mute', '/again', 'Go on.');
  expect(prompts).toEqual(['Q: mute\nA:', 'Q: mute\nA:', 'Q: mute\nA:', 'Q: mute\nA: Three.\nQ: Go on.\nA:']);
});

test('what /more writes goes on with the answer before it', async () => {
  const { prompts } = await piped('/write The Bees', '/more', 'Nice.');
  expect(prompts).toEqual(['The Bees', 'The Bees One.', 'Q: The Bees\nA: One. Two.\nQ: Nice.\nA:']);
});

test('what the bot says of the seed, and what it refuses, is no part of the memory', async () => {
  const { prompts } = await piped('Count.', '/seed 42', '/fill no gap', '/choose a | b', 'Go on.');
  expect(prompts.at(-1)).toBe('Q: Count.\nA: One.\nQ: Go on.\nA:');
});

test('what is remarked on long work is said before it begins', async () => {
  const engine = new ScriptedEngine();
  const { adapter, input, output, errors } = await openTerminal({ engine });
  input.end(`/summarize ${'A long story. '.repeat(200)}\n`);
  await engine.next();
  await errors.shows(/^Line 1: The text is longer .* read in \d parts\..* takes about \d+ s\.\n$/);
  expect(output.text).toBe('');
  await adapter.stop();
});
