import type { Readable } from 'node:stream';

/** A file as a folder shows it. */
export interface SeenFile {
  /** Within the folder; no slash at its beginning. */
  readonly path: string;
  readonly bytes: number;
  /** Another one where the file was written since. */
  readonly mark: string;
  readonly modifiedAt: Date;
}

/** A folder or a bucket whose new files start runs. Only looked at and read. */
export interface WatchedFolder {
  /** From one look into it to the next, in milliseconds. */
  readonly lookEveryMs: number;
  /** A file is there once all of it is; else it has to stay the same for a while first. */
  readonly isWholeAtOnce: boolean;
  /** The files in it, in no order. Throws TerminalError FOLDER_UNREADABLE with why, also where there are more than `most`. */
  list(most: number, signal: AbortSignal): Promise<readonly SeenFile[]>;
  /** One of them as it is now; null where it is gone. */
  stat(path: string, signal: AbortSignal): Promise<SeenFile | null>;
  /** Its content. */
  open(path: string, signal: AbortSignal): Promise<Readable>;
}

/** What programs write while a file is not whole, and what systems leave lying about. */
const unfinished =
  /(?:^|\/)(?:\.|~\$|thumbs\.db$|desktop\.ini$)|\.(?:part|partial|tmp|temp|crdownload|filepart|swp)$|~$/i;

/** Whether a file by its name is one that somebody has put there. */
export function isMeant(path: string): boolean {
  return path !== '' && !path.endsWith('/') && !unfinished.test(path);
}
