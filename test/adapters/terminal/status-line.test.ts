import { describe, expect, test } from 'vitest';
import { ScriptedEngine } from '../../fixtures/scripted-engine.ts';
import { openTerminal } from './terminal.ts';

// A line above the prompt that changes in place, for what goes on beside the talk: a model being fetched, say.

const ENTER = '\r';

async function sit() {
  const engine = new ScriptedEngine();
  const terminal = await openTerminal({ engine, person: true });
  await terminal.output.shows('> ');
  const { adapter, input, output } = terminal;
  return {
    engine,
    output,
    type: (keys: string) => input.write(keys),
    status: (text: string | undefined) => adapter.status(text === undefined ? undefined : () => text),
    fitted: (line: (columns: number) => string) => adapter.status(line),
    say: (text: string) => adapter.say(text),
    /** What was drawn since the last look. */
    drawn: (() => {
      let seen = 0;
      return () => {
        const text = output.text.slice(seen);
        seen = output.text.length;
        return text;
      };
    })(),
  };
}

describe('a line above the prompt', () => {
  test('stands there, changes, and leaves what is being typed alone', async () => {
    const { type, status, output, drawn } = await sit();
    type('Hel');
    await output.shows('> Hel');
    drawn();
    status('half way');
    expect(drawn()).toBe('half way\n> Hel');
    status('nearly there');
    expect(drawn()).toBe('nearly there\n> Hel');
    status(undefined);
    expect(drawn()).toBe('> Hel');
    type('lo');
    await output.shows('> Hello');
  });

  test('is made for the columns that there are, less one: a full line would wrap', async () => {
    const { fitted, drawn } = await sit();
    drawn();
    fitted((columns) => '#'.repeat(columns));
    expect(drawn()).toBe(`${'#'.repeat(79)}\n> `);
  });

  test('never gets into a reply, and is up to date at the next prompt', async () => {
    const { type, status, output, engine, drawn } = await sit();
    status('10 %');
    type(`Hi${ENTER}`);
    const reply = (await engine.next()).write(' One');
    await output.shows('One');
    drawn();
    status('20 %');
    status('30 %');
    expect(drawn()).toBe('');
    reply.write(' two.').end();
    await output.shows('30 %\n> ');
    expect(drawn()).toBe(' two.\n\n30 %\n> ');
  });

  test('does not stay above what was entered, so that nothing stale is left on the screen', async () => {
    const { type, status, output, engine, drawn } = await sit();
    status('10 %');
    drawn();
    type(`Hi${ENTER}`);
    await engine.next();
    await output.shows('Hi\r\n');
    // The last drawing of the entered line, after everything above was cleared, is without it.
    const entered = output.raw.slice(0, output.raw.lastIndexOf('Hi\r\n'));
    expect(entered.slice(entered.lastIndexOf('\x1b[0J'))).not.toContain('10 %');
  });

  test('stays in its place when something is said above it', async () => {
    const { status, say, drawn } = await sit();
    status('10 %');
    drawn();
    say('Something happened.');
    expect(drawn().replace(/\n+/g, '\n')).toMatch(/^Something happened\.\n10 %\n> $/);
  });

  test('cannot steer the terminal', async () => {
    const { status, drawn, output } = await sit();
    drawn();
    status('\x1b[2Jgone');
    expect(output.raw).not.toContain('\x1b[2J');
  });
});

test('where no person sits there is no such line', async () => {
  const { adapter, output, errors } = await openTerminal({ engine: new ScriptedEngine() });
  adapter.status(() => '10 %');
  expect(output.text + errors.text).toBe('');
});
