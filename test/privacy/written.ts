import { tracingChannel } from 'node:diagnostics_channel';
import { expect } from 'vitest';
import { confidential } from '../fakes/confidential.ts';
import { leaksIn } from './leaks.ts';

/** All that loggers and programs have written in this file's tests. */
const written: string[] = [];

/** What a program has written to its standard output and standard error. */
export function keepWritten(text: string): void {
  written.push(...text.split('\n').filter((line) => line !== ''));
}

/** Listens to every logger of this process, at every level that it writes. */
export function listenToLoggers(): void {
  // Before secrets are masked: that they do not even get there is asked here, too.
  tracingChannel('pino_asJson').end.subscribe((context) => {
    keepWritten(String((context as { readonly result?: unknown }).result));
  });
}

/** @throws AssertionError when a secret or a text of the fakes was written. */
export function expectNoLeaks(): void {
  const leaks = leaksIn(written, confidential);
  expect(leaks, 'secrets and texts of messages must not be logged').toEqual([]);
}
