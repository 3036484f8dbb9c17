import { describe, expect, it } from 'vitest';
import { InferenceError } from '../../inference/errors.ts';
import { FAILED_STARTS_UNTIL_DOWN, isLasting, RestartPolicy } from '../../inference/restart-policy.ts';

const HEALTHY_MS = 60_000;

describe('Pauses between processes', () => {
  it('are short behind one that lived for long, and double as long as the next ones do not', () => {
    const policy = new RestartPolicy();
    expect(policy.afterLife(HEALTHY_MS)).toBe(50);
    expect([1, 2, 3].map(() => policy.afterLife(10))).toEqual([100, 200, 400]);
    for (let life = 0; life < 10; life++) policy.afterLife(10);
    expect(policy.afterLife(10)).toBe(5_000);
    expect(policy.afterLife(HEALTHY_MS)).toBe(50);
  });

  it('grow further once nobody waits, and are short again when a process has worked', () => {
    const policy = new RestartPolicy();
    for (let start = 0; start < 20; start++) policy.afterFailedStart();
    expect(policy.afterFailedStart()).toBe(30_000);
    policy.started();
    expect(policy.failedStarts).toBe(0);
    expect(policy.afterLife(10)).toBe(5_000);
  });

  it('before people are told that nothing can be started are no more than seconds together', () => {
    const policy = new RestartPolicy();
    let together = policy.afterLife(10);
    while (policy.failedStarts < FAILED_STARTS_UNTIL_DOWN - 1) together += policy.afterFailedStart();
    expect(together).toBe(6_300);
  });
});

describe('What keeps a process from starting', () => {
  it('lasts when the checkpoint is gone or damaged', () => {
    for (const code of ['CHECKPOINT_NOT_FOUND', 'CHECKPOINT_INVALID', 'CHECKPOINT_UNSUPPORTED'] as const)
      expect(isLasting(new InferenceError(code, ''))).toBe(true);
  });

  it('passes when it is something else, or the checkpoint could not be read for want of an open file', () => {
    const cause = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    const errors = [
      cause,
      new InferenceError('ENGINE_FAILED', ''),
      new InferenceError('CACHE_UNWRITABLE', ''),
      new InferenceError('COMPILE_FAILED', ''),
      new InferenceError('CHECKPOINT_INVALID', '', { cause }),
    ];
    for (const error of errors) expect(isLasting(error)).toBe(false);
  });
});
