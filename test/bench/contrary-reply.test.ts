import { describe, expect, it } from 'vitest';
import { Speculation } from '../../inference/engine/speculation.ts';
import { contraryReply } from './contrary-reply.ts';

describe('A contrary reply', () => {
  it('never says what is proposed, though there is always something to propose once both words have occurred', () => {
    const prompt = [5, 6, 7, 5, 6, 8];
    const reply = contraryReply(prompt, [1, 2], 60);
    const speculation = new Speculation();
    for (const id of prompt) speculation.read(id);

    const proposals = reply.map((id) => {
      const [proposed] = speculation.propose(1).tokens;
      speculation.accept(id);
      return proposed;
    });

    expect(reply).toHaveLength(60);
    expect(proposals.filter((proposed, i) => proposed === reply[i])).toEqual([]);
    // The first words are new.
    expect(proposals.slice(4)).not.toContain(undefined);
  });
});
