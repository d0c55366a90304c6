import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../core/errors/app-error.ts';
import { hasErrorCode } from './error-code.ts';
import { isProcessAlive, readStartTime } from './process-info.ts';

/*
 * The lock is a numbered file, `heddle.lock.<n>`, that names its owner; the highest number counts. Who finds its
 * owner gone, or that it was released, makes the next number by a hard link, which only one can, and then clears the
 * lower ones away. A released lock stays as a file without an owner, so numbers only grow: whoever acts on an old view
 * makes a number that is taken, or sees a higher one afterwards and gives up. Every crash leaves a file whose owner is gone.
 */

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
type Owner = z.infer<typeof ownerSchema>;

const prefix = 'heddle.lock.';
/** Others may get ahead while we look; with more rounds than there are sensible starters somebody has it for sure. */
const attempts = 10;

/**
 * Takes the lock of `dataDir`, making the folder when it is missing. The lock
 * of a process that no longer lives is taken over.
 *
 * Throws DATA_DIR_IN_USE, naming the pid, while another process holds it.
 */
export async function lockDataDir(dataDir: string, now: () => Date): Promise<DataDirLock> {
  const folder = resolve(dataDir);
  await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const draft = join(folder, `lock-draft-${process.pid}-${randomBytes(6).toString('hex')}`);
  const owner: Owner = { pid: process.pid, startTime: await readStartTime(process.pid), since: now().toISOString() };
  await writeFile(draft, `${JSON.stringify(owner)}\n`);
  try {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const number = (await highestNumber(folder)) + 1;
      await refuseLivingOwner(folder, number - 1);
      const path = join(folder, `${prefix}${number}`);
      if (!(await linkOnce(draft, path))) continue;
      if ((await highestNumber(folder)) > number) {
        await rm(path, { force: true });
        continue;
      }
      await removeLower(folder, number);
      return { release: () => releaseLock(path) };
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new TerminalError('DATA_DIR_IN_USE', `Several starts contend for ${folder}; start it once.`);
}

async function refuseLivingOwner(folder: string, number: number): Promise<void> {
  const owner = parseOwner(await readFile(join(folder, `${prefix}${number}`), 'utf8').catch(() => ''));
  if (owner === undefined || !(await isProcessAlive(owner.pid))) return;
  if ((await readStartTime(owner.pid)) !== owner.startTime) return;
  throw new TerminalError(
    'DATA_DIR_IN_USE',
    `${folder} is in use by process ${owner.pid} since ${owner.since}. Stop that one first, or set DATA_DIR to another folder.`,
    { details: { pid: owner.pid } },
  );
}

/** A link appears whole or not at all, and never over an existing name. */
async function linkOnce(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Leaves the number taken, without an owner. */
async function releaseLock(path: string): Promise<void> {
  const released = `${path}.released`;
  await writeFile(released, '');
  await rename(released, path);
}

async function lockNumbers(folder: string): Promise<readonly number[]> {
  const numbers = (await readdir(folder)).map((name) =>
    name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0,
  );
  return numbers.filter((number) => Number.isInteger(number) && number > 0);
}

async function highestNumber(folder: string): Promise<number> {
  return Math.max(0, ...(await lockNumbers(folder)));
}

async function removeLower(folder: string, number: number): Promise<void> {
  for (const lower of await lockNumbers(folder)) {
    if (lower < number) await rm(join(folder, `${prefix}${lower}`), { force: true });
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
