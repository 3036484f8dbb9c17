import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../../config/logger.ts';
import type { Milliseconds } from '../../inference/engine/engine.ts';
import type { Clock } from '../clock.ts';
import { forgetAside, putAside } from './damaged-file.ts';
import { FolderLock } from './folder-lock.ts';
import { MemoryStore } from './memory-store.ts';
import { HEARD_KEPT_MS, Retention, SEEN_KEPT_MS, TURNS_KEPT_MS } from './retention.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { OnUnreadable } from './sqlite-turns.ts';
import type { Store } from './store.ts';
import { StoreError } from './store-error.ts';
import { UnfailingStore } from './unfailing-store.ts';

export interface OpenStoreOptions {
  /** Made if it is not there. */
  readonly folder: string;
  readonly keepFeedbackMs: Milliseconds;
  /** How long `/reset` and `/seed` of a conversation are remembered. */
  readonly keepConversationsMs: Milliseconds;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long to wait for a bot that is being replaced. */
  readonly patienceMs?: Milliseconds;
}

/** A bot that is told to stop has eight seconds for it (`serve.ts`); a little more. */
const PATIENCE_MS = 9_000;

/** Only the owner may look into a folder that we make; one that is there has the permissions that somebody gave it. */
const OWNER_ONLY = 0o700;

/**
 * The store of a data folder. A file that is damaged is put aside and a new one begun; where nothing can be kept, the
 * bot goes on without, and says so. From here on the store never fails.
 *
 * @throws StoreError `STORE_IN_USE` when another bot has the folder.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { folder, keepFeedbackMs, keepConversationsMs, logger, clock, now } = options;
  const file = path.join(folder, 'parley.db');
  let lock: FolderLock | undefined;
  let store: Store;
  let opened = true;
  try {
    await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
    lock = await lockOf(options);
    store = new UnfailingStore(await openFile(file, options), { logger, clock });
  } catch (error) {
    if (error instanceof StoreError && error.code === 'STORE_IN_USE') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn({ folder, reason }, 'nothing will survive a restart: the data folder cannot be used');
    store = new MemoryStore();
    opened = false;
  }
  const keep = {
    seen: SEEN_KEPT_MS,
    feedback: keepFeedbackMs,
    turns: TURNS_KEPT_MS,
    resets: keepConversationsMs,
    heard: HEARD_KEPT_MS,
    seeds: keepConversationsMs,
  };
  const retention = new Retention({ store, keep, clock, now, logger });
  await retention.start();
  return {
    ...membersOf(store),
    get lasting() {
      return store.lasting;
    },
    async erase(person) {
      await store.erase(person);
      // It may hold anything about anybody, and nobody can look into it.
      await forgetAside(file, Number.POSITIVE_INFINITY);
      if (!opened && (await isThere(file)))
        throw new StoreError('STORE_UNAVAILABLE', 'what earlier bots kept could not be opened at the start');
    },
    async close() {
      retention.stop();
      await store.close();
      lock?.release();
    },
  };
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function lockOf({ folder, clock, logger, patienceMs = PATIENCE_MS }: OpenStoreOptions): Promise<FolderLock> {
  const onWait = () =>
    logger.info({ folder }, 'another Parley uses the data folder; waiting until it has ended');
  return FolderLock.take(folder, { clock, patienceMs, onWait });
}

async function openFile(
  file: string,
  { keepFeedbackMs, now, clock, logger }: OpenStoreOptions,
): Promise<Store> {
  const onUnreadable: OnUnreadable = (turn, { code, message }) =>
    logger.warn(
      { turn, code, reason: message },
      'an interrupted answer is lost: what was kept of it is damaged',
    );
  const options = { clock, onUnreadable };
  await forgetAside(file, now() - Math.max(keepFeedbackMs, SEEN_KEPT_MS));
  try {
    return await SqliteStore.open(file, options);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'STORE_DAMAGED') throw error;
    const aside = await putAside(file);
    logger.warn(
      { reason: error.message, aside },
      'the store was damaged: it is put aside, and a new one begun',
    );
    return SqliteStore.open(file, options);
  }
}

function membersOf(store: Store): Omit<Store, 'lasting' | 'erase' | 'close'> {
  const { seen, feedback, turns, resets, heard, seeds } = store;
  const prune: Store['prune'] = (olderThan, atMost) => store.prune(olderThan, atMost);
  return { seen, feedback, turns, resets, heard, seeds, prune };
}
