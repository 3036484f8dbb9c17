import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  FREE,
  type RandomModelParts,
  randomModelParts,
  replyTo,
  textOf,
} from '../../fixtures/random-engine.ts';

let model: RandomModelParts;
beforeAll(async () => {
  model = await randomModelParts();
});
afterAll(() => model.dispose());

describe('The steps of an engine', () => {
  it('grow with every run of the model, so that a piece of a prompt beside running replies is not one long step', async () => {
    const engine = model.engine();
    const run = model.runner.run.bind(model.runner);
    /** What was counted when each run began. */
    const counted: number[] = [];
    let reading = 0;
    const runs = vi.spyOn(model.runner, 'run').mockImplementation((cache, rows, wanted) => {
      counted.push(engine.steps);
      if ((rows[0]?.length ?? 0) >= 64) reading++;
      return run(cache, rows, wanted);
    });
    const before = engine.steps;
    let late: Promise<unknown> | undefined;
    await replyTo(engine, 'x', { sampling: FREE, seed: 1, maxNewTokens: 60 }, undefined, () => {
      late ??= replyTo(engine, textOf(390), { conversation: 'late', maxNewTokens: 1 });
    });
    await late;
    runs.mockRestore();
    await engine.close();
    expect(reading, 'pieces of the long prompt').toBeGreaterThan(2);
    expect(counted).toEqual(counted.map((_, i) => before + i));
  });
});
