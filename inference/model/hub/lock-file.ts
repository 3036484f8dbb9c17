import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Clock } from './clock.ts';
import { diskFailure } from './disk.ts';
import { HubError } from './hub-error.ts';

/** How often an owner shows that it lives, and a waiting process looks. */
const HEARTBEAT_MS = 1000;
/**
 * Looks in a row without a sign of life until the owner counts as dead. Looks are counted instead of time measured, so
 * that neither a computer's sleep nor clocks that differ between machines on a shared disk kill a living owner.
 */
const LOOKS_UNTIL_DEAD = 15;
/** The same when this machine says that the owner's process is gone; not at once, as containers may share a host name. */
const LOOKS_WHEN_GONE = 3;

/** The record is rewritten in place, so it keeps its length: a reader never meets the rest of an older one. */
const RECORD_BYTES = 1024;

interface LockRecord<Note> {
  /** Unique for each time the lock is taken. */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly beat: number;
  /** What the owner wants those who wait to know. */
  readonly note?: Note | undefined;
}

export interface LockOptions<Note> {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly heartbeatMs?: number | undefined;
  /** Called at each look while another process holds the lock, with its last note. */
  readonly onWait?: ((note: Note | undefined) => void) | undefined;
}

/**
 * A lock between processes: a file that only one can create. Its owner rewrites it once a second; when it stops doing so
 * because it crashed, another one takes the lock. An owner that was only asleep learns from `lost` that this happened.
 *
 * Why not a package: the usual one (proper-lockfile) had its last release in 2021, and compares the file's time stamp
 * with the local clock.
 */
export class LockFile<Note> {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #id = randomUUID();
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  readonly #heartbeatMs: number;
  #beats = 0;
  #guardSeen = 0;
  #note: Note | undefined;
  #beating: Promise<void> = Promise.resolve();
  /** Whether another process held the lock first. */
  waited = false;

  private constructor(path: string, options: LockOptions<Note>) {
    this.#path = path;
    this.#clock = options.clock;
    this.#heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  }

  /** Takes the lock, waiting as long as a living process has it. @throws HubError `HUB_CACHE_UNWRITABLE`, `HUB_DISK_FULL` */
  static async acquire<Note>(path: string, options: LockOptions<Note>): Promise<LockFile<Note>> {
    const lock = new LockFile<Note>(path, options);
    try {
      await mkdir(dirname(path), { recursive: true });
      await lock.#wait(options);
    } catch (error) {
      throw diskFailure(error, dirname(path));
    }
    lock.#beating = lock.#keepBeating();
    return lock;
  }

  /** Aborted, with a `HubError` `HUB_LOCK_LOST`, when another process holds the lock now. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Leaves word for those who wait; they see it with the next beat. */
  note(note: Note): void {
    this.#note = note;
  }

  async release(): Promise<void> {
    this.#released.abort();
    await this.#beating;
    if ((await readRecord(this.#path))?.record?.id === this.#id) await rm(this.#path, { force: true });
  }

  async #wait({ signal, onWait }: LockOptions<Note>): Promise<void> {
    let seen: string | undefined;
    for (let looks = 0; ; ) {
      signal?.throwIfAborted();
      if (await create(this.#path, this.#record())) return;
      this.waited = true;
      const current = await readRecord<Note>(this.#path);
      // Released between our two steps.
      if (current === undefined) continue;
      looks = current.text === seen ? looks + 1 : 0;
      if (looks === 0) this.#guardSeen = 0;
      seen = current.text;
      const limit = current.record && isGone(current.record) ? LOOKS_WHEN_GONE : LOOKS_UNTIL_DEAD;
      if (looks >= limit) {
        await this.#breakStale(seen);
        if (await create(this.#path, this.#record())) return;
      }
      onWait?.(current.record?.note);
      await this.#clock.sleep(this.#heartbeatMs, signal);
    }
  }

  /**
   * Removes the dead owner's lock. Only one process at a time may do so, and it looks once more: what the others saw as
   * stale may be a living owner's by now.
   */
  async #breakStale(stale: string): Promise<void> {
    const guard = `${this.#path}.breaking`;
    if (!(await create(guard, ''))) {
      // Somebody is at it; one who died at it is noticed by nothing having changed for as long again.
      if (++this.#guardSeen > LOOKS_UNTIL_DEAD) await rm(guard, { force: true });
      return;
    }
    try {
      if ((await readRecord(this.#path))?.text === stale) await rm(this.#path, { force: true });
    } finally {
      await rm(guard, { force: true });
    }
  }

  async #keepBeating(): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(this.#heartbeatMs, this.#released.signal);
        if (await this.#beat()) continue;
        const message = 'Another process took this download over while this one stood still.';
        this.#lost.abort(new HubError('HUB_LOCK_LOST', message));
        return;
      }
    } catch {
      // Released.
    }
  }

  /** Check and write go through one handle: should the lock be broken in between, the write lands in the broken file. */
  async #beat(): Promise<boolean> {
    try {
      const file = await open(this.#path, 'r+');
      try {
        const buffer = Buffer.alloc(RECORD_BYTES);
        await file.read(buffer, 0, RECORD_BYTES, 0);
        if (parse(buffer.toString('utf8'))?.id !== this.#id) return false;
        this.#beats++;
        await file.write(this.#record(), 0);
        return true;
      } finally {
        await file.close();
      }
    } catch (error) {
      // A full disk or a scanner that holds the file costs a beat, not the lock.
      return (error as NodeJS.ErrnoException).code !== 'ENOENT';
    }
  }

  #record(): string {
    const record: LockRecord<Note> = {
      id: this.#id,
      pid: process.pid,
      host: hostname(),
      beat: this.#beats,
      note: this.#note,
    };
    const text = JSON.stringify(record);
    const whole =
      Buffer.byteLength(text) < RECORD_BYTES ? text : JSON.stringify({ ...record, note: undefined });
    return whole + ' '.repeat(Math.max(0, RECORD_BYTES - Buffer.byteLength(whole)));
  }
}

/** `false` when it is there already. */
async function create(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // On a full disk the file is there and empty.
    if (code === 'ENOSPC' || code === 'EDQUOT') await rm(path, { force: true });
    throw error;
  }
}

async function readRecord<Note>(
  path: string,
): Promise<{ readonly text: string; readonly record: LockRecord<Note> | undefined } | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return { text, record: parse<Note>(text) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Nothing for a record that its writer did not finish. */
function parse<Note>(text: string): LockRecord<Note> | undefined {
  try {
    const record = JSON.parse(text);
    return typeof record?.id === 'string' ? record : undefined;
  } catch {
    return undefined;
  }
}

function isGone({ pid, host }: { readonly pid: number; readonly host: string }): boolean {
  if (host !== hostname() || !Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives, under another user.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
