import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expectedBytes, type FileRoom } from './asset-room.ts';
import { saveStream } from './save-stream.ts';
import type { WorkDirs } from './work-dirs.ts';

/** What a file is taken in with. */
export interface StageOptions {
  readonly userId: string;
  /** Length of the request that brings the file, where it is known: what cannot fit is refused before it is read. */
  readonly contentLength?: number | undefined;
  readonly signal: AbortSignal;
}

/** A file that is read and then thrown away, such as an archive. */
export interface StagedFile {
  /** Of this machine. */
  readonly path: string;
  /** Gives its room in the quota back before it is gone: for what is taken out of it. */
  freeRoom(): Promise<void>;
  /** Removes it. To be called in every case. */
  dispose(): Promise<void>;
}

interface StagingParts {
  readonly workDirs: WorkDirs;
  readonly openRoom: (userId: string, step?: number) => FileRoom;
  /** The largest file that anybody has room for. */
  readonly maxBytes: number;
}

/** Takes in files that become no assets. Room is taken in the quota and on the disk before bytes are kept. */
export function createStaging({ workDirs, openRoom, maxBytes }: StagingParts) {
  return async (source: Readable, { userId, contentLength, signal }: StageOptions): Promise<StagedFile> => {
    const { least, step } = expectedBytes(contentLength);
    const workDir = workDirs.open();
    const room = openRoom(userId, step);
    const dispose = async () => {
      await workDir.dispose();
      await room.close();
    };
    try {
      await room.need(Math.min(maxBytes, least));
      const path = join(workDir.path, 'staged');
      await saveStream(source, { file: path, maxBytes, need: room.need, signal });
      return { path, freeRoom: room.close, dispose };
    } catch (error) {
      await dispose();
      throw error;
    }
  };
}
