import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../core/errors/app-error.ts';
import { isFileError } from './file-error.ts';
import { isProcessAlive, readStartTime } from './process-info.ts';

/** The right of one process to a DATA_DIR. */
export interface DataDirLock {
  release(): Promise<void>;
}

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  /** When the process began, as the system counts; tells it from a later one with the same pid. */
  startTime: z.string(),
  since: z.string(),
});

/** A takeover can lose a race against another one; more rounds than starters are not needed. */
const takeoverAttempts = 5;

/**
 * Takes the lock of `dataDir`, making the folder when it is missing. The lock
 * of a process that no longer lives is taken over.
 *
 * Throws DATA_DIR_IN_USE, naming the pid, while another process holds it.
 */
export async function lockDataDir(dataDir: string, now: () => Date): Promise<DataDirLock> {
  const folder = resolve(dataDir);
  await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const lockFile = join(folder, 'heddle.lock');
  const mine = join(folder, `heddle.lock.${process.pid}-${randomBytes(4).toString('hex')}`);
  const owner = { pid: process.pid, startTime: await readStartTime(process.pid), since: now().toISOString() };
  const text = `${JSON.stringify(owner)}\n`;
  await writeFile(mine, text);
  try {
    for (let attempt = 1; attempt <= takeoverAttempts; attempt++) {
      // A link appears whole or not at all, and never over an existing name.
      const taken = await link(mine, lockFile).then(
        () => true,
        (error: unknown) => {
          if (isFileError(error, 'EEXIST')) return false;
          throw error;
        },
      );
      if (taken) return { release: () => releaseLock(lockFile, text) };
      await removeStaleLock(folder, lockFile);
    }
  } finally {
    await rm(mine, { force: true });
  }
  throw new TerminalError('DATA_DIR_IN_USE', `Several starts contend for ${folder}; start it once.`);
}

async function removeStaleLock(folder: string, lockFile: string): Promise<void> {
  const seen = await readFile(lockFile, 'utf8').catch(() => undefined);
  if (seen === undefined) return;
  const owner = parseOwner(seen);
  if (
    owner !== undefined &&
    (await isProcessAlive(owner.pid)) &&
    (await readStartTime(owner.pid)) === owner.startTime
  ) {
    throw new TerminalError(
      'DATA_DIR_IN_USE',
      `${folder} is in use by process ${owner.pid} since ${owner.since}. Stop that one first, or set DATA_DIR to another folder.`,
      { details: { pid: owner.pid } },
    );
  }
  // Moved, not deleted: another starter may have replaced it since it was read, and then gets it back.
  const aside = `${lockFile}.stale-${randomBytes(4).toString('hex')}`;
  await rename(lockFile, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => undefined);
  if (moved !== undefined && moved !== seen) await link(aside, lockFile).catch(() => undefined);
  await rm(aside, { force: true });
}

async function releaseLock(lockFile: string, text: string): Promise<void> {
  if ((await readFile(lockFile, 'utf8').catch(() => '')) === text) await rm(lockFile, { force: true });
}

function parseOwner(text: string): z.infer<typeof ownerSchema> | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
