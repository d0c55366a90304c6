import type pg from 'pg';
import type { Readable } from 'node:stream';
import type { WatchedFolder } from '../../../assets/watched-folder.ts';
import type { Logger } from '../../../core/node-type/executor.ts';
import type { ClaimedFolder } from '../../../db/triggers/files.ts';

/** A new file, as a mapping of a trigger finds it. */
export interface NewFile {
  /** The id of the asset that it has become. */
  readonly asset: string;
  readonly name: string;
  /** Within its folder. */
  readonly path: string;
  readonly bytes: number;
  readonly mimeType: string;
  readonly modifiedAt: string;
}

/** What looking for new files needs. */
export interface WatchContext {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly newId: () => string;
  /** What time it is; null: by the clock of the database. */
  readonly now: () => Date | null;
  /** The folder of a trigger; null where it may not use one of that name (any more). */
  readonly folderOf: (trigger: Pick<ClaimedFolder, 'userId' | 'settings'>) => WatchedFolder | null;
  /** Keeps a file of a workspace: room is taken first, and the same content under the same name is the same file. Throws AppError. */
  readonly keep: (
    source: Readable,
    options: {
      readonly userId: string;
      readonly uploadedBy: string | null;
      readonly name: string;
      readonly signal: AbortSignal;
    },
  ) => Promise<{ readonly id: string; readonly sha256: string; readonly bytes: number; readonly mimeType: string }>;
  /** The inputs of the run of a file. Throws FindingsError where the mapping does not fit. */
  readonly inputsOf: (trigger: Pick<ClaimedFolder, 'inputs' | 'settings'>, file: NewFile) => Record<string, unknown>;
}
