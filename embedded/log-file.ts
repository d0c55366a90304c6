import { mkdir, open, readFile, rename, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A log that is larger at a start becomes `<name>.1`: ten megabytes are months of a quiet database. */
const rotateAtBytes = 10 * 1024 * 1024;

/** Opens a log for appending, moving a large one aside first. */
export async function openLogFile(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > rotateAtBytes) await rename(path, `${path}.1`);
  return await open(path, 'a', 0o600);
}

/** The last lines of a log from byte `from` on, for an error message; empty when it cannot be read. */
export async function readLogTail(path: string, from: number, lines = 8): Promise<string> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  return bytes.subarray(from).toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
