import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What all cores together read from memory, in bytes a second: no step of a model is sooner over than its weights are read. */
export async function memoryBandwidth(): Promise<number> {
  const readers = Array.from({ length: availableParallelism() }, () =>
    fork(fileURLToPath(new URL('memory-reader.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] }),
  );
  const answer = async (reader: (typeof readers)[number]) => (await once(reader, 'message'))[0] as number;
  try {
    // They say that they are ready, and begin together.
    await Promise.all(readers.map(answer));
    const measured = readers.map(answer);
    for (const reader of readers) reader.send('read');
    return (await Promise.all(measured)).reduce((sum, speed) => sum + speed, 0);
  } finally {
    for (const reader of readers) reader.kill();
  }
}
