import { TerminalError } from '../core/errors/app-error.ts';
import type { StorageQuota } from '../core/limits.ts';
import type { AssetRows } from './asset-rows.ts';
import type { DiskRoom } from './disk-room.ts';

/**
 * Room for one file that is under way, in its user's quota and on the disk:
 * taken before bytes are kept, given back when the file is kept or refused.
 */
export interface FileRoom {
  readonly id: string;
  /** Makes sure that there is room for a file of so many bytes so far. Throws STORAGE_FULL. */
  need(bytes: number): Promise<void>;
  /** The whole file is there. False: the quota has no room for it. From now on nobody removes this content. */
  claim(bytes: number, sha256: string): Promise<boolean>;
  /** Gives back what was taken, unless a row took its place. */
  close(): Promise<void>;
}

interface FileRoomDependencies {
  readonly rows: Pick<AssetRows, 'reserve' | 'release'>;
  readonly disk: DiskRoom;
  readonly quota: StorageQuota;
}

/** How far ahead of what has come room is taken where nobody knows how large a file will be: few statements for a large one. */
const stepBytes = 1_048_576;

/** What stands around the file in a form of one field; at most so much of a request's length is no part of the file. */
const formBytes = 16 * 1_024;

/** What the length of a request says about the file in it. */
export interface ExpectedBytes {
  /** The file has at least so many. */
  readonly least: number;
  /** How far ahead room is taken. */
  readonly step: number;
}

/** Reads the `Content-Length` of an upload, in bytes; undefined where the request does not tell. */
export function expectedBytes(contentLength: number | undefined): ExpectedBytes {
  if (contentLength === undefined) return { least: 0, step: stepBytes };
  return { least: Math.max(0, contentLength - formBytes), step: formBytes };
}

/**
 * Nothing is taken before the first `need`; `id` names the reservation, and `step` is how many bytes are taken ahead
 * (default 1 MiB).
 */
export function createFileRoom(
  { rows, disk, quota }: FileRoomDependencies,
  { id, userId, step = stepBytes }: { readonly id: string; readonly userId: string; readonly step?: number },
): FileRoom {
  let taken = -1;
  let isOpen = false;
  const give = disk.open();

  async function take(bytes: number, ahead: number, sha256: string | null): Promise<boolean> {
    // Released even where the answer was lost.
    isOpen = true;
    const now = await rows.reserve({ id, userId, bytes, ahead, sha256 }, quota);
    if (now !== null) taken = now;
    return now !== null;
  }

  return {
    id,
    async need(bytes) {
      if (bytes <= taken) return;
      await disk.check(step);
      if (!(await take(bytes, step, null))) throw quotaFull(quota);
    },
    claim: (bytes, sha256) => take(bytes, 0, sha256),
    async close() {
      give();
      if (isOpen) await rows.release(id);
    },
  };
}

/** A part of a quota, for those who may not take the rest of it. */
export function shareOf({ maxBytes, maxFiles }: StorageQuota, share: number): StorageQuota {
  return { maxBytes: Math.floor(maxBytes * share), maxFiles: Math.floor(maxFiles * share) };
}

/** STORAGE_FULL for a user whose quota has no room, with what to do about it. */
export function quotaFull(quota: StorageQuota): TerminalError {
  return new TerminalError(
    'STORAGE_FULL',
    `Your files may take ${quota.maxBytes} bytes in ${quota.maxFiles} files, those under way included. ` +
      'Delete some under Settings, Files before you add more, or runs with large lists, which count as well and are not shown there.',
    { details: { ...quota } },
  );
}
