import { createHash } from 'node:crypto';

/** A file of a repository with the hashes that the hub keeps of it. */
export interface StoredFile {
  readonly content: Buffer;
  /** Large files (LFS, Xet) come from the storage, on another host. */
  readonly large: boolean;
  /** SHA-256 of large files, git's blob id of small ones. */
  readonly etag: string;
}

/** Who may read a repository: everybody, or who sends its token; `gated` ones exist for everybody to see. */
export type Access = 'public' | 'private' | 'gated';

export interface RepositoryOptions {
  readonly access?: Access;
  /** What opens a private or gated repository. */
  readonly token?: string;
  /** Names that are stored as large files; by default what `.gitattributes` sends to LFS. */
  readonly large?: (path: string) => boolean;
}

const LFS_BY_DEFAULT = /\.(safetensors|bin|onnx|h5|msgpack)$/;

/** A repository with its history: every `commit` is a state that stays reachable by its id. */
export class FakeRepository {
  readonly id: string;
  readonly access: Access;
  readonly token: string | undefined;
  readonly #large: (path: string) => boolean;
  readonly #commits = new Map<string, ReadonlyMap<string, StoredFile>>();
  head = '';

  constructor(id: string, options: RepositoryOptions) {
    this.id = id;
    this.access = options.access ?? 'public';
    this.token = options.token;
    this.#large = options.large ?? ((path) => LFS_BY_DEFAULT.test(path));
  }

  /** Puts files into a new commit on `main`, beside the ones that are there; `undefined` removes one. */
  commit(files: Readonly<Record<string, string | Buffer | undefined>>): string {
    const next = new Map(this.#commits.get(this.head) ?? []);
    for (const [path, content] of Object.entries(files)) {
      if (content === undefined) next.delete(path);
      else next.set(path, store(Buffer.from(content), this.#large(path)));
    }
    const listing = [...next].map(([path, { etag }]) => `${path} ${etag}`).join('\n');
    this.head = sha1(`${this.head}\n${listing}`);
    this.#commits.set(this.head, next);
    return this.head;
  }

  resolve(revision: string): { commit: string; files: ReadonlyMap<string, StoredFile> } | undefined {
    const commit = revision === 'main' ? this.head : revision;
    const files = this.#commits.get(commit);
    return files && { commit, files };
  }

  /** Large files are kept once for each content, under its hash. */
  blob(sha256: string): Buffer | undefined {
    for (const files of this.#commits.values()) {
      for (const file of files.values()) if (file.large && file.etag === sha256) return file.content;
    }
    return undefined;
  }
}

function store(content: Buffer, large: boolean): StoredFile {
  const etag = large
    ? createHash('sha256').update(content).digest('hex')
    : sha1(Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]));
  return { content, large, etag };
}

function sha1(data: string | Buffer): string {
  return createHash('sha1').update(data).digest('hex');
}
