import { randomUUID } from 'node:crypto';
import {
  access,
  chmod,
  copyFile,
  mkdir,
  open,
  opendir,
  readdir,
  rename,
  rm,
  stat,
  unlink,
  utimes,
} from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { systemCodeOf } from '../core/errors/system-code.ts';
import type { AssetStore, BlobStat } from './asset-store.ts';
import { checkKey, sha256Of } from './blob-key.ts';
import { defaultMinFreeBytes, diskFull, freeBytesOf } from './disk-room.ts';

interface LocalDiskStoreOptions {
  /** The folder of the store; made where it is missing. */
  readonly root: string;
  /** Puts are refused while the disk has less left. Default 256 MB: room for the database to go on. */
  readonly minFreeBytes?: number;
  /** The clock, in ms. */
  readonly now: () => number;
}

/** Half-written blobs of a crashed process are older than this; no put takes an hour. */
const staleAfterMs = 3_600_000;

/** Nobody writes to a blob any more; the group may read it for a backup. */
const blobMode = 0o440;

/**
 * Blobs as files in folders. A put writes under a temporary name, brings the
 * bytes to the disk, renames, and brings the name to the disk: after a crash at
 * any point the blob is whole or absent.
 */
export function createLocalDiskStore(options: LocalDiskStoreOptions): AssetStore {
  const { root, minFreeBytes = defaultMinFreeBytes, now } = options;
  const incoming = join(root, 'incoming');
  const pathOf = (key: string) => join(root, ...checkKey(key).split('/'));

  async function put(key: string, file: string): Promise<void> {
    const target = pathOf(key);
    if (await touch(target)) {
      await rm(file, { force: true });
      return;
    }
    await checkFreeSpace(root, minFreeBytes);
    const temporary = join(incoming, randomUUID());
    try {
      await move(file, temporary);
      await chmod(temporary, blobMode);
      await syncPath(temporary);
      const made = await mkdir(dirname(target), { recursive: true });
      // Two puts of one content may get here together: the second rename changes nothing.
      await rename(temporary, target);
      await syncPath(dirname(target));
      for (let folder = dirname(target); made !== undefined && folder.length >= made.length;) {
        folder = dirname(folder);
        await syncPath(folder);
      }
    } catch (error) {
      await rm(temporary, { force: true });
      throw isDiskFull(error) ? diskFull() : error;
    }
  }

  /** Whether the blob exists; if so it counts as new for the sweeper. */
  async function touch(path: string): Promise<boolean> {
    const seconds = now() / 1_000;
    return utimes(path, seconds, seconds).then(() => true, ifMissing(false));
  }

  return {
    async start() {
      await mkdir(incoming, { recursive: true });
      for (const name of await readdir(incoming)) {
        const path = join(incoming, name);
        const found = await stat(path).catch(ifMissing(null));
        if (found !== null && now() - found.mtimeMs > staleAfterMs) await rm(path, { force: true, recursive: true });
      }
    },
    put,
    async open(key, range) {
      const handle = await open(pathOf(key)).catch(ifMissing(null));
      return handle?.createReadStream(range && { start: range.start, end: range.end }) ?? null;
    },
    async stat(key) {
      const found = await stat(pathOf(key)).catch(ifMissing(null));
      return found === null ? null : { bytes: found.size, modifiedAt: found.mtime };
    },
    delete: (key) => unlink(pathOf(key)).then(() => true, ifMissing(false)),
    list: (prefix) => listBlobs(root, prefix),
    localPath: pathOf,
    stop: async () => {},
  };
}

async function* listBlobs(root: string, prefix: string): AsyncIterable<BlobStat & { key: string }> {
  // Only the folder that the prefix leads to is read.
  const folders = prefix.split('/').slice(0, -1);
  if ((folders[0] !== 'content' && folders[0] !== 'derived') || folders.includes('..')) return;
  const top = join(root, ...folders);
  if (!(await access(top).then(() => true, ifMissing(false)))) return;
  for await (const entry of await opendir(top, { recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const key = path
      .slice(root.length + 1)
      .split(sep)
      .join('/');
    if (!key.startsWith(prefix) || sha256Of(key) === null) continue;
    // Deleted since the folder was read: not there.
    const found = await stat(path).catch(ifMissing(null));
    if (found !== null) yield { key, bytes: found.size, modifiedAt: found.mtime };
  }
}

/** Renames, or copies where the file is on another disk. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCodeOf(error) !== 'EXDEV') throw error;
    await copyFile(from, to);
    await unlink(from);
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function checkFreeSpace(root: string, minFreeBytes: number): Promise<void> {
  if ((await freeBytesOf(root)) < minFreeBytes) throw diskFull();
}

function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCodeOf(error));
}

/** Turns "no such file" into a value. */
function ifMissing<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error))) return value;
    throw error;
  };
}
