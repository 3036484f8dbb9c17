import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenId } from '../engine/engine.ts';
import type { TokenEmbeddings } from '../engine/graph-runner.ts';
import { type CompiledModel, dataFileOf, MODEL_NAME } from '../graph/compile.ts';
import { TableRow } from '../graph/token-table.ts';
import { isShortage } from '../shortage.ts';
import { unusable } from './runtime-session.ts';

const FILE = join('onnx', dataFileOf(MODEL_NAME));

/**
 * The token embeddings of a compiled folder, read row by row from its data file. The system keeps what is read often in memory
 * that it can take back; a row takes a microsecond or two then, less than waiting for a turn of the event loop.
 */
export class TokenRows implements TokenEmbeddings {
  readonly #folder: string;
  readonly #manifest: Pick<CompiledModel, 'tokens' | 'shape'>;
  readonly #row: TableRow;
  #file: number | undefined;

  /** @throws InferenceError `ENGINE_FAILED` when the file is not there, or too short; what the system lacks for the moment. */
  constructor(folder: string, manifest: Pick<CompiledModel, 'tokens' | 'shape'>) {
    const { tokens, shape } = manifest;
    this.#folder = folder;
    this.#manifest = manifest;
    this.#row = new TableRow(tokens.kind, shape.width);
    const file = this.#open();
    this.#file = file;
    if (fstatSync(file).size >= tokens.offset + shape.vocabulary * this.#row.bytes.length) return;
    this.close();
    throw this.#tooShort();
  }

  lookUp(ids: readonly TokenId[]): Float32Array {
    const { tokens, shape } = this.#manifest;
    const rows = new Float32Array(ids.length * shape.width);
    ids.forEach((id, i) => {
      this.#read(tokens.offset + id * this.#row.bytes.length);
      this.#row.decode(rows, i * shape.width);
    });
    return rows;
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): number {
    try {
      return openSync(join(this.#folder, FILE), 'r');
    } catch (error) {
      throw isShortage(error) ? error : unusable(this.#folder, (error as Error).message);
    }
  }

  #read(position: number): void {
    if (this.#file === undefined) throw new Error('The model was closed.');
    const row = this.#row.bytes;
    for (let done = 0; done < row.length; ) {
      const count = readSync(this.#file, row, done, row.length - done, position + done);
      if (count === 0) throw this.#tooShort();
      done += count;
    }
  }

  #tooShort() {
    return unusable(this.#folder, `its file ${FILE} is not as long as it was.`);
  }
}
