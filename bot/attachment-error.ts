export type AttachmentErrorCode =
  | 'NOT_FOUND'
  | 'FOLDER'
  | 'NOT_A_FILE'
  | 'UNREADABLE'
  | 'TOO_LARGE'
  | 'EMPTY'
  | 'BINARY'
  | 'ENCODING';

/** A file that came with a request cannot be worked on; `message` tells the person why and what to do instead. */
export class AttachmentError extends Error {
  readonly code: AttachmentErrorCode;

  constructor(code: AttachmentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AttachmentError';
    this.code = code;
  }
}
