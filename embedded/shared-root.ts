import { mkdir, stat } from 'node:fs/promises';
import { TerminalError } from '../core/errors/app-error.ts';

/** Places that every user can walk into, the customary one first; /var/tmp is for systems with a read-only /var/lib. */
const candidates = ['/var/lib/heddle', '/var/tmp/heddle'];

/**
 * A folder of root's that every user can walk into, for what a service user
 * must reach when DATA_DIR or the installation lies behind a closed folder.
 * Only root may ask for it.
 */
export async function sharedRoot(): Promise<string> {
  for (const path of candidates) {
    await mkdir(path, { recursive: true, mode: 0o755 }).catch(() => undefined);
    const found = await stat(path).catch(() => undefined);
    // A folder of somebody else, or one that others may write, could be swapped under our feet.
    if (found?.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0 && (found.mode & 0o001) !== 0)
      return path;
  }
  throw new TerminalError(
    'EMBEDDED_START_FAILED',
    `No place for the data of Postgres: neither ${candidates.join(' nor ')} can be made as a folder of root that others can enter. Run as another user than root, or put DATA_DIR into a folder that every user can enter.`,
  );
}
