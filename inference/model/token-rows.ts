import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenId } from '../engine/engine.ts';
import type { TokenEmbeddings } from '../engine/graph-runner.ts';
import { InferenceError } from '../errors.ts';
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
    this.#file = this.#attempt('opened', () => openSync(join(folder, FILE), 'r'));
    try {
      const { size } = this.#attempt('read', () => fstatSync(this.#opened));
      if (size < tokens.offset + shape.vocabulary * this.#row.bytes.length) throw this.#tooShort();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * @throws RangeError for what is no token of the model. InferenceError `ENGINE_FAILED` when the file cannot be read any more,
   *   `ENGINE_CLOSED` behind `close`.
   */
  lookUp(ids: readonly TokenId[]): Float32Array {
    const { tokens, shape } = this.#manifest;
    const rows = new Float32Array(ids.length * shape.width);
    ids.forEach((id, i) => {
      // Behind the table lie other numbers, from which a reply would be made that means nothing.
      if (!(Number.isInteger(id) && id >= 0 && id < shape.vocabulary))
        throw new RangeError(`Token ${id} is none of the ${shape.vocabulary} that the model knows.`);
      this.#read(tokens.offset + id * this.#row.bytes.length);
      this.#row.decode(rows, i * shape.width);
    });
    return rows;
  }

  /** Safe to call twice. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }

  get #opened(): number {
    if (this.#file === undefined) throw new InferenceError('ENGINE_CLOSED', 'The model has been closed.');
    return this.#file;
  }

  #read(position: number): void {
    const file = this.#opened;
    const row = this.#row.bytes;
    for (let done = 0; done < row.length; ) {
      const count = this.#attempt('read', () =>
        readSync(file, row, done, row.length - done, position + done),
      );
      if (count === 0) throw this.#tooShort();
      done += count;
    }
  }

  #attempt<Result>(what: 'opened' | 'read', work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (isShortage(error) || error instanceof InferenceError) throw error;
      const { code = '' } = error as NodeJS.ErrnoException;
      throw unusable(this.#folder, `its file ${FILE} cannot be ${what} (${code}).`);
    }
  }

  #tooShort(): InferenceError {
    return unusable(this.#folder, `its file ${FILE} is not as long as it was.`);
  }
}
