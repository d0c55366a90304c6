import { statfs } from 'node:fs/promises';
import { RetryableError } from '../core/errors/app-error.ts';

/** Free room on the disks where files are written, shared by all files under way in this process. */
export interface DiskRoom {
  /** Counts one more file under way; call what it gives when that file is kept or gone. */
  open(): () => void;
  /** Throws STORAGE_FULL (retryable) where a disk has no room for so many bytes more of each file under way. */
  check(bytes: number): Promise<void>;
}

interface DiskRoomOptions {
  /** Existing folders, one on each disk. */
  readonly folders: readonly string[];
  /** Left alone. Default 256 MB: room for the database to go on. */
  readonly minFreeBytes?: number;
  /** Free bytes of the disk with this folder. Default: as the system says. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** 256 MB: room for the database to go on. */
export const defaultMinFreeBytes = 268_435_456;

/** One for all of a process: it has to know of every file under way. */
export function createDiskRoom(options: DiskRoomOptions): DiskRoom {
  const { folders, minFreeBytes = defaultMinFreeBytes, freeBytes = freeBytesOf } = options;
  let underWay = 0;
  return {
    open() {
      underWay += 1;
      let isOpen = true;
      return () => {
        if (isOpen) underWay -= 1;
        isOpen = false;
      };
    },
    async check(bytes) {
      for (const folder of folders) {
        if ((await freeBytes(folder)) - Math.max(1, underWay) * bytes < minFreeBytes) throw diskFull();
      }
    },
  };
}

/**
 * Bytes that the process may still write on the disk of an existing folder; the reserve of the system's administrator
 * is not counted.
 */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** STORAGE_FULL for a full disk, retryable: the operator can make room. */
export function diskFull(): RetryableError {
  return new RetryableError(
    'STORAGE_FULL',
    'The disk for files is full. Ask the operator to make room; deleting files of your own under Settings, Files helps too.',
  );
}
