/** Names one file of one state of a repository. */
export interface HubFile {
  /** `openai-community/gpt2` */
  readonly id: string;
  /** A branch, a tag, or (pinned) a commit's 40 hex digits. */
  readonly revision: string;
  readonly path: string;
}

/** What the hub announces about a file before it sends a byte. */
export interface FileMetadata {
  /** The commit that the revision stands for: 40 hex digits. */
  readonly commit: string;
  /** Unquoted: the SHA-256 of a large file (LFS, Xet), git's blob id of a small one. */
  readonly etag: string;
  /** Bytes; absent where a server compresses on the way. */
  readonly size: number | undefined;
}
