import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { leaseOf } from '../../inference/engine/engine.ts';
import { Models } from '../../inference/models.ts';
import type { EngineService } from '../../inference/service.ts';
import { addRandomGpt2, startHub, temporaryFolder } from '../fixtures/hub-checkpoint.ts';
import { ROOMY, replyTo } from '../fixtures/random-engine.ts';

test('A change to the model that runs brings it back when its engine has given up', async () => {
  const hub = await startHub();
  await addRandomGpt2(hub, 'me/mine');
  const cacheDir = await temporaryFolder();
  let onGivenUp = (): void => undefined;
  const givenUp = new Promise<void>((resolve) => {
    onGivenUp = resolve;
  });
  const models = new Models({
    hub: { host: hub.url, cacheDir, offline: false },
    weights: 'q8',
    threads: 1,
    limits: ROOMY,
    fetchesByItself: false,
    onEvent: ({ type }) => {
      if (type === 'given up') onGivenUp();
    },
  });
  onTestFinished(() => models.close());
  const engine = await models.start('me/mine');
  expect(await models.change('me/mine')).toMatchObject({ when: 'none' });

  for (const folder of ['hub', 'compiled']) await rm(join(cacheDir, folder), { recursive: true });
  const lease = leaseOf(engine);
  process.kill((lease.engine as EngineService).processId!, 'SIGKILL');
  lease.release();
  await givenUp;
  await expect(replyTo(engine, 'Once')).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });

  const change = await models.change('me/mine');
  expect(change).toMatchObject({ model: 'me/mine', when: 'later' });
  expect(await change.done).toBe('changed');
  expect((await replyTo(engine, 'Once', { maxNewTokens: 5 })).result.newTokens).toBeGreaterThan(0);
});
