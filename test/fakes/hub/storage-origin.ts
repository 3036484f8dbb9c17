import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import type { Fault, SeenRequest } from './fault.ts';
import type { FakeRepository } from './repository.ts';

const BLOB = /^\/xet-bridge-us\/([^/]+)\/([0-9a-f]{64})$/;

/**
 * The storage behind the hub, on a host of its own: signed links, byte ranges, and an ETag that is not the file's
 * SHA-256. A request with a signed link and an `Authorization` header is refused, as S3 does.
 */
export function answerAsStorage(
  request: SeenRequest,
  repositories: ReadonlyMap<string, FakeRepository>,
  fault: Fault = {},
): Answer {
  if (request.authorization !== undefined) {
    const body = Buffer.from('<Error><Code>InvalidArgument</Code></Error>');
    return { status: 400, headers: { 'content-type': 'application/xml' }, body };
  }
  const [, id = '', sha256 = ''] = BLOB.exec(request.path) ?? [];
  const stored = repositories.get(decodeURIComponent(id))?.blob(sha256);
  if (!stored) return { status: 403, headers: {} };

  const content = fault.content ? fault.content(stored) : stored;
  const etag = `"${createHash('md5').update(stored).digest('hex')}-1"`;
  const fresh = request.ifRange === undefined || request.ifRange === etag;
  const begin = fault.noRange || !fresh ? undefined : beginningIn(request.range);
  if (begin === undefined) {
    return { status: 200, headers: { etag, 'content-length': String(content.length) }, body: content };
  }
  if (begin >= content.length) {
    return { status: 416, headers: { 'content-range': `bytes */${content.length}` } };
  }
  const body = content.subarray(begin);
  const range = `bytes ${begin}-${content.length - 1}/${content.length}`;
  return {
    status: 206,
    headers: {
      etag,
      'content-range': range,
      'content-length': String(body.length),
      'accept-ranges': 'bytes',
    },
    body,
  };
}

function beginningIn(range: string | undefined): number | undefined {
  const begin = /^bytes=(\d+)-$/.exec(range ?? '')?.[1];
  return begin === undefined ? undefined : Number(begin);
}
