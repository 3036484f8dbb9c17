import type { Clock } from './clock.ts';

/** How far one file is. */
export interface TransferProgress {
  readonly file: string;
  /** Bytes in place, those from an earlier start included. */
  readonly bytes: number;
  /** Absent where the server did not say. */
  readonly total: number | undefined;
  /** Over the last seconds; 0 until there is something to measure. */
  readonly bytesPerSecond: number;
  /** Absent while speed or length are unknown. */
  readonly secondsLeft: number | undefined;
}

/** Long enough to calm a jumping line, short enough to notice that it slowed down. */
const WINDOW_MS = 10_000;
/** Reports a second at most: more often nobody can read. */
const REPORT_EVERY_MS = 200;
/** A first chunk out of a buffer would promise a speed that the line does not have. */
const LEAST_SPAN_MS = 500;

/** Turns arriving bytes into progress: speed over a sliding window, reported a few times a second. */
export class TransferMeter {
  readonly #file: string;
  readonly #total: number | undefined;
  readonly #clock: Clock;
  readonly #report: (progress: TransferProgress) => void;
  #samples: { readonly at: number; readonly bytes: number }[] = [];
  #bytes = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(
    file: string,
    total: number | undefined,
    clock: Clock,
    report: (progress: TransferProgress) => void,
  ) {
    this.#file = file;
    this.#total = total;
    this.#clock = clock;
    this.#report = report;
  }

  /** Where the transfer begins, or begins again: `bytes` were not transferred now and do not count as speed. */
  startAt(bytes: number): void {
    this.#bytes = bytes;
    this.#samples = [{ at: this.#clock.monotonic(), bytes }];
    this.#tell();
  }

  add(bytes: number): void {
    const now = this.#clock.monotonic();
    this.#bytes += bytes;
    if (now - this.#reportedAt < REPORT_EVERY_MS && this.#bytes !== this.#total) return;
    this.#samples.push({ at: now, bytes: this.#bytes });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > WINDOW_MS) this.#samples.shift();
    this.#tell();
  }

  #tell(): void {
    const now = this.#clock.monotonic();
    const first = this.#samples[0];
    const span = first ? now - first.at : 0;
    const speed = first && span >= LEAST_SPAN_MS ? ((this.#bytes - first.bytes) * 1000) / span : 0;
    const left = this.#total !== undefined && speed > 0 ? (this.#total - this.#bytes) / speed : undefined;
    this.#reportedAt = now;
    this.#report({
      file: this.#file,
      bytes: this.#bytes,
      total: this.#total,
      bytesPerSecond: speed,
      secondsLeft: this.#bytes === this.#total ? 0 : left,
    });
  }
}
