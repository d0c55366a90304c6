import { constants } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';
import path from 'node:path';
import { TerminalError } from '../core/errors/app-error.ts';
import { systemCodeOf } from '../core/errors/system-code.ts';
import { isMeant, type SeenFile, type WatchedFolder } from './watched-folder.ts';

/** As soon as people expect it; to read a folder costs next to nothing. */
const lookEveryMs = 2_000;

/**
 * The files that lie directly in a folder of this machine. What is no plain file, such as a link, is left alone.
 * `everyMs`: how often it is read, default 2,000.
 */
export function watchDiskFolder(folder: string, everyMs = lookEveryMs): WatchedFolder {
  async function stat(name: string): Promise<SeenFile | null> {
    const found = await lstat(path.join(folder, name)).catch((error: unknown) => {
      if (systemCodeOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (found === null || !found.isFile()) return null;
    const { size: bytes, mtime: modifiedAt, mtimeMs, ino } = found;
    return { path: name, bytes, modifiedAt, mark: `${mtimeMs} ${ino}` };
  }

  return {
    lookEveryMs: everyMs,
    isWholeAtOnce: false,
    list: async (most, signal) => {
      const files: SeenFile[] = [];
      const entries = await opendir(folder).catch((error: unknown) => {
        throw new TerminalError(
          'FOLDER_UNREADABLE',
          `The folder cannot be read (${systemCodeOf(error) ?? 'unknown'}). Check that it exists and that the server may read it.`,
          { cause: error },
        );
      });
      for await (const { name } of entries) {
        signal.throwIfAborted();
        const file = isMeant(name) ? await stat(name) : null;
        if (file !== null) files.push(file);
        if (files.length > most) throw tooMany(most);
      }
      return files;
    },
    stat: (name) => stat(name),
    open: async (name, signal) => {
      // A link that was put in its place meanwhile leads nowhere, and a pipe is not waited for.
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const handle = await open(path.join(folder, path.basename(name)), flags);
      if ((await handle.stat()).isFile()) return handle.createReadStream({ signal });
      await handle.close();
      throw Object.assign(new Error('It is no plain file any more.'), { code: 'ENXIO' });
    },
  };
}

/** What is said of a folder with too many files. */
export function tooMany(most: number): TerminalError {
  return new TerminalError(
    'FOLDER_UNREADABLE',
    `There are more than ${most} files in it. Move the finished ones away.`,
  );
}
