import type { Writable } from 'node:stream';
import type { DownloadProgress } from '../inference/model/hub/checkpoint-download.ts';
import { describeProgress, ProgressPace, progressBar } from './model-progress.ts';

/** Back to the first column, and clear the line (ECMA-48, `EL`). */
const CLEAR_LINE = '\r\x1b[K';
const USUAL_WIDTH = 80;

export interface ProgressDisplayOptions {
  readonly output: Writable & { readonly columns?: number };
  /** A line can be written over; else there are plain lines now and then. */
  readonly inPlace: boolean;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** Shows how far a piece of work is, to somebody who waits for nothing else. */
export class ProgressDisplay {
  readonly #options: ProgressDisplayOptions;
  readonly #pace: ProgressPace;
  #shown = false;

  constructor(options: ProgressDisplayOptions) {
    this.#options = options;
    this.#pace = new ProgressPace(options.clock);
  }

  progress(name: string, progress: DownloadProgress): void {
    const { output, inPlace } = this.#options;
    if (inPlace) this.#replace(progressBar(progress, name, (output.columns ?? USUAL_WIDTH) - 1));
    else if (this.#pace.isDue(progress)) this.say(`${name} ${describeProgress(progress)}`);
  }

  /** A line that stays until something else is shown. */
  passing(line: string): void {
    const { output, inPlace } = this.#options;
    if (inPlace) this.#replace(line.slice(0, (output.columns ?? USUAL_WIDTH) - 1));
    else this.say(line);
  }

  /** A line that stays. */
  say(line: string): void {
    this.clear();
    this.#options.output.write(`${line}\n`);
  }

  /** Takes away what does not stay. */
  clear(): void {
    if (this.#shown) this.#options.output.write(CLEAR_LINE);
    this.#shown = false;
  }

  #replace(line: string): void {
    this.#options.output.write(`${CLEAR_LINE}${line}`);
    this.#shown = true;
  }
}
