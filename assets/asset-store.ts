import type { Readable } from 'node:stream';

/** Both ends count, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a store knows of a blob without reading it. */
export interface BlobStat {
  readonly bytes: number;
  /** When the blob was last put. */
  readonly modifiedAt: Date;
}

/**
 * Blobs by key (blob-key.ts makes the keys). A key's content never changes, so
 * whoever puts it first or again is all the same. A blob is there whole or not
 * at all, whatever crashes when.
 */
export interface AssetStore {
  /** Gets ready, and removes what a crash left half done. */
  start(): Promise<void>;
  /**
   * Moves a finished file into the store; the file is gone afterwards. A blob
   * that exists stays as it is and counts as put now. Throws STORAGE_FULL (retryable).
   */
  put(key: string, file: string): Promise<void>;
  /** Null where there is no such blob. */
  open(key: string, range?: ByteRange): Promise<Readable | null>;
  stat(key: string): Promise<BlobStat | null>;
  /** Says whether there was one. */
  delete(key: string): Promise<boolean>;
  /** Every blob whose key starts with `prefix`, in no order. */
  list(prefix: string): AsyncIterable<BlobStat & { readonly key: string }>;
  /** The blob as a file of this machine, to be read only; null where the store keeps it elsewhere. */
  localPath(key: string): string | null;
  /** Lets go of connections. */
  stop(): Promise<void>;
}

/** Bytes that can be served, with what HTTP wants to know about them. */
export interface AssetContent {
  readonly mimeType: string;
  readonly bytes: number;
  /** Changes with the content; without quotes. */
  readonly etag: string;
  open(range?: ByteRange): Promise<Readable>;
}
