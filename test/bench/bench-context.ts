import type { Weights } from '../../inference/graph/weights.ts';
import type { BenchFolder } from './bench-folder.ts';

export interface BenchContext {
  readonly folder: BenchFolder;
  readonly weights: readonly Weights[];
  /** How often each thing is measured, instead of as often as its section does by itself. */
  readonly rounds: number | undefined;
  readonly log: (line: string) => void;
}
