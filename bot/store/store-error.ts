/**
 * `IN_USE`: another bot has the data folder. `BUSY`: another program holds the file right now. `DAMAGED`: what is in the
 * file is no store any more. `UNREADABLE`: the file is whole, but one entry is not what was written. `NEWER`: a later version
 * of the bot wrote it. `UNAVAILABLE`: it cannot be read or written now, as on a full disk.
 */
export type StoreErrorCode =
  | 'STORE_IN_USE'
  | 'STORE_BUSY'
  | 'STORE_DAMAGED'
  | 'STORE_UNREADABLE'
  | 'STORE_NEWER'
  | 'STORE_UNAVAILABLE';

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
