import { freeBytesOf } from '../../assets/disk-room.ts';
import { RetryableError } from '../../core/errors/app-error.ts';
import type { Logger } from '../../core/node-type/executor.ts';

/** Which disk is watched, and what is kept free on it. */
export interface DiskWatchOptions {
  /** The data folder: of an installation that brings its own Postgres, where that writes too. */
  readonly folder: string;
  readonly minFreeBytes: number;
  readonly logger: Logger;
  /** Free bytes of the disk with this folder. Default: as the system says. */
  readonly freeBytes?: (folder: string) => Promise<number>;
  /** How often it looks. Default 5 s. */
  readonly intervalMs?: number;
}

/** Looks at the disk now and then, so that what would fill it is refused before the database stops. */
export interface DiskWatch {
  /** The first look is done when this resolves. */
  start(): Promise<void>;
  /** Throws DISK_LOW where the disk had too little room at the last look. */
  requireRoom(): void;
  stop(): void;
}

const retryAfterMs = 30_000;

/** Looks now and then how much room there is. */
export function createDiskWatch(options: DiskWatchOptions): DiskWatch {
  const { folder, minFreeBytes, logger, freeBytes = freeBytesOf, intervalMs = 5_000 } = options;
  let timer: NodeJS.Timeout | undefined;
  let isLow = false;

  async function look(): Promise<void> {
    try {
      const free = await freeBytes(folder);
      if (free < minFreeBytes && !isLow)
        logger.error({ folder, free }, 'the disk is nearly full: nothing new is taken');
      isLow = free < minFreeBytes;
    } catch (error) {
      logger.warn({ err: error }, 'could not look how much room the disk has');
    }
  }

  return {
    async start() {
      await look();
      timer = setInterval(() => void look(), intervalMs);
    },
    requireRoom() {
      if (!isLow) return;
      throw new RetryableError(
        'DISK_LOW',
        'The disk of this installation is nearly full, so nothing new is taken. Ask the operator to make room; deleting runs and files helps too.',
        { retryAfterMs },
      );
    },
    stop: () => clearInterval(timer),
  };
}
