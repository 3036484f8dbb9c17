import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HubError } from '../../../../inference/model/hub/hub-error.ts';
import { FakeHub } from '../../../fakes/hub/fake-hub.ts';
import type { FakeRepository, RepositoryOptions } from '../../../fakes/hub/repository.ts';

export const STARTER = new URL('../../../../models/starter/', import.meta.url);

export async function startHub(): Promise<FakeHub> {
  const hub = await FakeHub.start();
  onTestFinished(() => hub.close());
  return hub;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-hub-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const ID = 'openai-community/gpt2';

/** Of what stands for a checkpoint's weights. */
export const WEIGHTS_BYTES = 300_000;

/** A repository in the form of a GPT-2 checkpoint; its weights are random bytes, which is all that a download sees. */
export async function addCheckpoint(
  hub: FakeHub,
  options: RepositoryOptions & { readonly id?: string; readonly weights?: Buffer } = {},
): Promise<FakeRepository> {
  const repository = hub.addRepository(options.id ?? ID, options);
  repository.commit({
    'README.md': '# GPT-2',
    'config.json': await readFile(new URL('config.json', STARTER)),
    'tokenizer.json': await readFile(new URL('tokenizer.json', STARTER)),
    'tokenizer_config.json': '{"model_max_length":512}',
    'model.safetensors': options.weights ?? randomBytes(WEIGHTS_BYTES),
  });
  return repository;
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<HubError> {
  return call.then(
    (value) => {
      throw new Error(`It should have failed, and gave ${JSON.stringify(value)}.`);
    },
    (error) => error,
  );
}
