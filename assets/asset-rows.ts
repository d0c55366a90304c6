import type { StorageQuota } from '../core/limits.ts';
/** A row of the table of assets: what a user may refer to. Several rows may share one content. */
export interface AssetRow {
  readonly id: string;
  readonly userId: string;
  /** Of the content; lower-case hex. */
  readonly sha256: string;
  /** Display text only; never part of a path. */
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: number;
  readonly width: number | null;
  readonly height: number | null;
  /** Videos only. */
  readonly durationMs: number | null;
  readonly createdAt: Date;
}

export type NewAsset = Omit<AssetRow, 'createdAt'>;

/** The rows as the asset service needs them; the database stands behind it. */
export interface AssetRows {
  /** Null where there is no such asset or it is somebody else's. */
  find(userId: string, assetId: string): Promise<AssetRow | null>;
  /**
   * Adds a row, or gives the one that the user already has for the same content
   * and name. Null where the row would exceed the quota; two inserts at once
   * must not exceed it together.
   */
  insert(asset: NewAsset, quota: StorageQuota): Promise<AssetRow | null>;
  /** Those of the given contents that a row of any user refers to. */
  findReferenced(sha256s: readonly string[]): Promise<ReadonlySet<string>>;
}
