import { formatBytes } from '../inference/model/hub/bytes.ts';
import type { DownloadProgress } from '../inference/model/hub/checkpoint-download.ts';
import type { Upcoming } from '../inference/models.ts';

/** A wider bar tells nothing more. */
const WIDEST_BAR = 30;
/** A narrower one is no bar. */
const NARROWEST_BAR = 8;

/** One line for a terminal: `gpt2 [#####-----] 48 %, 263 of 548 MB, 4.1 MB/s, 1 min 10 s left`, within so many columns. */
export function progressBar(progress: DownloadProgress, name: string, columns: number): string {
  const figures = describeProgress(progress);
  const room = columns - name.length - figures.length - ' [] '.length;
  if (progress.total === undefined || room < NARROWEST_BAR) return `${name} ${figures}`.slice(0, columns);
  const width = Math.min(room, WIDEST_BAR);
  const filled = Math.floor((progress.bytes / Math.max(1, progress.total)) * width);
  return `${name} [${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${figures}`;
}

/** `48 %, 263 of 548 MB, 4.1 MB/s, 1 min 10 s left`; what is not known is left out. */
export function describeProgress(progress: DownloadProgress): string {
  const { bytes, total, bytesPerSecond, secondsLeft, elsewhere } = progress;
  const parts =
    total === undefined ? [formatBytes(bytes)] : [`${percent(bytes, total)} %`, outOf(bytes, total)];
  if (bytesPerSecond > 0) parts.push(`${formatBytes(bytesPerSecond)}/s`);
  if (secondsLeft !== undefined && secondsLeft > 0) parts.push(`${duration(secondsLeft)} left`);
  if (elsewhere) parts.push('fetched by another process');
  return parts.join(', ');
}

/** `openai-community/gpt2 (48 %, 263 of 548 MB, 4.1 MB/s, 1 min left)` */
export function describeUpcoming({ model, stage, progress }: Upcoming): string {
  switch (stage) {
    case 'fetching':
      return progress ? `${model} (${describeProgress(progress)})` : `${model} (asking for it)`;
    case 'compiling':
      return `${model} (being prepared; this is done once)`;
    case 'loading':
      return `${model} (being loaded)`;
  }
}

/** 100 only when it is all there. */
export function percent(bytes: number, total: number): number {
  return total === 0 ? 100 : Math.floor((bytes / total) * 100);
}

/** `263 of 548 MB`, and `980 kB of 548 MB`. */
function outOf(bytes: number, total: number): string {
  const [done, doneUnit] = formatBytes(bytes).split(' ');
  const whole = formatBytes(total);
  return whole.endsWith(` ${doneUnit}`) ? `${done} of ${whole}` : `${done} ${doneUnit} of ${whole}`;
}

/** `45 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

const STEP_PERCENT = 10;
const STEP_MS = 30_000;

/** Decides which reports of a download are worth a line of a log: the first, each tenth, and one in half a minute. */
export class ProgressPace {
  readonly #clock: () => number;
  #file: string | undefined;
  #tenth = 0;
  #saidAt = 0;

  /** @param clock milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  isDue({ file, bytes, total }: DownloadProgress): boolean {
    const now = this.#clock();
    const tenth = total === undefined ? 0 : Math.floor(percent(bytes, total) / STEP_PERCENT);
    const due = file !== this.#file || tenth > this.#tenth || now - this.#saidAt >= STEP_MS;
    if (!due) return false;
    this.#file = file;
    this.#tenth = tenth;
    this.#saidAt = now;
    return true;
  }
}
