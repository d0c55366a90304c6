import type { StorageQuota } from '../core/limits.ts';
import type { InWorkspace } from '../core/scope.ts';
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
  /** Of what lasts. */
  readonly durationMs: number | null;
  /** Of an audio file. */
  readonly channels: number | null;
  /** Samples a second of one channel of an audio file. */
  readonly sampleRate: number | null;
  readonly createdAt: Date;
}

type NewAsset = Omit<AssetRow, 'createdAt'> & {
  /** Who uploads it. Default null: the owner, or a run. */
  readonly uploadedBy?: string | null | undefined;
  /** A list of this run, or of one of its parts: it stays as long as a run that holds it. */
  readonly heldBy?: string | undefined;
};

/** Room in a user's quota for a file under way. */
export interface AssetRoom {
  readonly id: string;
  readonly userId: string;
  readonly bytes: number;
  /** Null until it is known; from then on nobody removes this content. */
  readonly sha256: string | null;
}

/**
 * The rows as the asset service needs them; the database stands behind it. Of
 * everything that asks for room at once nothing exceeds the quota together.
 */
export interface AssetRows {
  /** Null where there is no such asset or it is somebody else's. */
  find(scope: InWorkspace, assetId: string): Promise<AssetRow | null>;
  /** Those of these ids that the workspace has. */
  findAll(scope: InWorkspace, assetIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The row that the user has for this content and name, or null. */
  findSame(asset: Pick<AssetRow, 'userId' | 'sha256' | 'name'>): Promise<AssetRow | null>;
  /** Whether there is a file of a size between these two, both included. */
  hasOfSize(scope: InWorkspace, size: { readonly least: number; readonly most: number }): Promise<boolean>;
  /**
   * Takes room for a file under way, or changes how much of it was taken, and up
   * to so much `ahead` as there is. Gives what was taken; null: there is not so much left.
   */
  reserve(room: AssetRoom & { readonly ahead?: number }, quota: StorageQuota): Promise<number | null>;
  /** Gives room back. */
  release(roomId: string): Promise<void>;
  /**
   * Adds a row in the room that was taken for it, or gives the one that the user
   * already has for the same content and name. Null where the row would exceed the quota.
   */
  insert(asset: NewAsset, quota: StorageQuota, roomId?: string): Promise<AssetRow | null>;
  /** Lets a run hold lists, and answers how many of these are there. */
  holdLists(of: { readonly userId: string; readonly runId: string }, assetIds: readonly string[]): Promise<number>;
  /** Counts what was made from a content, such as a preview. False: there is no room for it. */
  chargeDerived(
    derived: { readonly userId: string; readonly sha256: string; readonly bytes: number },
    quota: StorageQuota,
  ): Promise<boolean>;
  /** Removes rows of a workspace; gives those that were there. */
  delete(scope: InWorkspace, assetIds: readonly string[]): Promise<AssetRow[]>;
  /** Calls `remove` where nobody has the content or is about to; says whether it did. */
  dropContent(sha256: string, remove: () => Promise<void>): Promise<boolean>;
  /** Those of the given contents that a row of any user refers to. */
  findReferenced(sha256s: readonly string[]): Promise<ReadonlySet<string>>;
}
