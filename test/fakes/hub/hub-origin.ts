import type { Answer } from './answer.ts';
import type { SeenRequest } from './fault.ts';
import type { FakeRepository, StoredFile } from './repository.ts';

export interface HubWorld {
  readonly repositories: ReadonlyMap<string, FakeRepository>;
  /** Old names, which the hub redirects to the new ones. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly storageUrl: string;
}

const RESOLVE = /^\/((?:[^/]+\/)?[^/]+)\/resolve\/([^/]+)\/(.+)$/;
const CACHED = /^\/api\/resolve-cache\/models\/((?:[^/]+\/)?[^/]+)\/([0-9a-f]{40})\/(.+)$/;

/**
 * The hub's own host: answers for small files, and redirects to the storage for large ones. Statuses, header names and
 * error codes as huggingface_hub's client expects them (`file_download.py`, `utils/_http.py`).
 */
export function answerAsHub(request: SeenRequest, world: HubWorld): Answer {
  const cached = CACHED.exec(request.path);
  const match = cached ?? RESOLVE.exec(request.path);
  if (!match) return { status: 404, headers: {} };
  const [id = '', revision = '', path = ''] = match.slice(1).map(decodeURIComponent);

  const newName = world.renamed.get(id);
  if (newName !== undefined) {
    return { status: 307, headers: { location: `/${newName}/resolve/${revision}/${path}` } };
  }
  const repository = world.repositories.get(id);
  const closed = refuse(request, repository);
  if (closed || !repository) return closed ?? { status: 404, headers: {} };

  const state = repository.resolve(revision);
  if (!state) return failure(404, 'RevisionNotFound', 'Invalid rev id');
  const commit = { 'x-repo-commit': state.commit };
  const file = state.files.get(path);
  if (!file) {
    const { status, headers } = failure(404, 'EntryNotFound', 'Entry not found');
    return { status, headers: { ...headers, ...commit } };
  }
  if (file.large) return toStorage(file, commit, repository, world.storageUrl);
  if (cached) return smallFile(file, commit);
  const location = `/api/resolve-cache/models/${id}/${state.commit}/${path}?etag=${encodeURIComponent(quoted(file.etag))}`;
  return {
    status: 307,
    headers: {
      ...commit,
      location,
      'x-linked-etag': quoted(file.etag),
      'x-linked-size': String(file.content.length),
    },
    body: Buffer.from(`Temporary Redirect. Redirecting to ${location}`),
  };
}

function smallFile(file: StoredFile, commit: Readonly<Record<string, string>>): Answer {
  const length = String(file.content.length);
  return {
    status: 200,
    headers: { ...commit, etag: quoted(file.etag), 'content-length': length, 'accept-ranges': 'none' },
    body: file.content,
  };
}

function toStorage(
  file: StoredFile,
  commit: Readonly<Record<string, string>>,
  { id }: FakeRepository,
  storageUrl: string,
): Answer {
  const location = `${storageUrl}/xet-bridge-us/${encodeURIComponent(id)}/${file.etag}?X-Amz-Expires=3600&X-Amz-Signature=abc`;
  return {
    status: 302,
    headers: {
      ...commit,
      location,
      'x-linked-size': String(file.content.length),
      'x-linked-etag': quoted(file.etag),
      'x-xet-hash': file.etag.split('').reverse().join(''),
      // The redirect's own, which must not be taken for the file's.
      etag: '"a-redirect"',
    },
    body: Buffer.from('Found. Redirecting to the storage'),
  };
}

/** Nobody learns without a token whether a repository is private or not there. */
function refuse({ authorization }: SeenRequest, repository: FakeRepository | undefined): Answer | undefined {
  const anonymous = authorization === undefined;
  if (authorization === 'Bearer hf_revoked') {
    return failure(401, undefined, 'Invalid credentials in Authorization header');
  }
  if (!repository) {
    return anonymous
      ? failure(401, 'RepoNotFound', 'Invalid username or password.')
      : failure(404, 'RepoNotFound', 'Repository not found');
  }
  if (repository.access === 'public' || authorization === `Bearer ${repository.token}`) return undefined;
  if (repository.access === 'gated') {
    const text = `Access to model ${repository.id} is restricted.`;
    return failure(anonymous ? 401 : 403, 'GatedRepo', text);
  }
  return anonymous
    ? failure(401, 'RepoNotFound', 'Invalid username or password.')
    : failure(404, 'RepoNotFound', 'Repository not found');
}

function failure(status: number, code: string | undefined, message: string): Answer {
  return { status, headers: { 'x-error-code': code, 'x-error-message': message } };
}

function quoted(etag: string): string {
  return `"${etag}"`;
}
