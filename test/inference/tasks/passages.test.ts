import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestPassages, joinPassages } from '../../../inference/tasks/passages.ts';

const filler = (n: number) =>
  `In year ${n} the harvest was good and people were content. Nothing else is known of it. `.repeat(5);
const text = [
  filler(1),
  'The lighthouse was built by Ann Marsh. She used white stones from the island.',
  filler(2),
  'Visitors may climb the lighthouse on Sundays.',
  filler(3),
].join('\n\n');

async function closest(question: string, count = 1): Promise<string> {
  return joinPassages(text, (await closestPassages(text, question)).slice(0, count));
}

describe('the passages closest to a question', () => {
  it('are those with its rarest words', async () => {
    expect(await closest('Who built the lighthouse?')).toContain('built by Ann Marsh');
    expect(await closest('When can I climb it?')).toContain('on Sundays');
  });

  it('are found whatever the case, the accents and the number', async () => {
    expect(await closest('WHAT ABOUT STONE?')).toContain('white stones');
    expect(await closest('Which visitor?')).toContain('Visitors may');
    expect(await closest('the ísland')).toContain('the island');
  });

  it('are put back in reading order, what is adjacent as one', async () => {
    const [first, second] = (await closestPassages(text, 'climb the lighthouse built')).slice(0, 2);
    expect(first && second && joinPassages(text, [first, second])).toMatch(/Ann Marsh.*\n\n.*on Sundays/s);
    const all = await closestPassages(text, 'lighthouse');
    expect(joinPassages(text, all)).toBe(text.trim());
  });

  it('are followed by their neighbours, and then by the rest in reading order', async () => {
    const starts = (await closestPassages(text, 'Sundays')).map(({ from }) => from);
    const inOrder = starts.toSorted((a, b) => a - b);
    const found = inOrder.indexOf(starts[0] ?? -1);
    expect(starts.slice(1, 3)).toEqual([inOrder[found + 1], inOrder[found - 1]]);
    expect(starts.slice(3)).toEqual(starts.slice(3).toSorted((a, b) => a - b));
  });

  it('are none when no word of the question is in the text, or it has only words that say nothing', async () => {
    expect(await closestPassages(text, 'Why is there a submarine?')).toEqual([]);
    expect(await closestPassages(text, 'What was it to them?')).toEqual([]);
    expect(await closestPassages('', 'lighthouse')).toEqual([]);
  });

  it('end with a sentence, and cover any text without an overlap', async () => {
    for (const { from, to } of await closestPassages(text, 'lighthouse')) {
      expect(text.slice(from, to)).toMatch(/^[A-Z].*\.$/s);
    }
    const any = fc.array(fc.constantFrom('lighthouse ', 'x'.repeat(90), '. ', '\n\n', '😀', ' ', '\ud83d'));
    await fc.assert(
      fc.asyncProperty(any, async (units) => {
        const all = `lighthouse ${units.join('')}`;
        const passages = await closestPassages(all, 'lighthouse');
        expect(joinPassages(all, passages)).toBe(all.trim());
        for (const { from, to } of passages) expect(to - from).toBeLessThanOrEqual(401);
      }),
    );
  });

  it('are found in two million characters while others get their turn', async () => {
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    }, 0);
    const long = `${filler(1).repeat(5000)} The lighthouse. ${filler(2).repeat(100)}`;
    const [first] = await closestPassages(long, 'Where is the lighthouse?');
    clearInterval(count);
    expect(first && long.slice(first.from, first.to)).toContain('lighthouse');
    expect(turns).toBeGreaterThan(10);
  });
});
