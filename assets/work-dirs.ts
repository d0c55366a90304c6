import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../core/errors/system-code.ts';

interface WorkDir {
  /** The folder; made when it is first asked for, as most attempts need none. */
  readonly path: string;
  /** Removes the folder with everything in it. */
  dispose(): Promise<void>;
}

/** Private folders for unfinished files, one per attempt or upload. */
export interface WorkDirs {
  /** Removes what earlier processes left behind. */
  start(): Promise<void>;
  open(): WorkDir;
}

interface WorkDirsOptions {
  readonly root: string;
  /** Of this process; both are part of the folders' names. */
  readonly hostname: string;
  readonly pid: number;
  /** The clock, in ms. */
  readonly now: () => number;
}

/** Another machine's folder on a shared disk is left alone for a day: no attempt takes so long. */
const foreignStaleMs = 86_400_000;

/** Makes the root at once where it is missing; call `start` before the first `open`. */
export function createWorkDirs({ root, hostname, pid, now }: WorkDirsOptions): WorkDirs {
  const host = hostname.replaceAll(/[^a-zA-Z0-9]/g, '_');
  const namePattern = /^([a-zA-Z0-9_]+)-(\d+)-[0-9a-f-]{36}$/;

  async function isStale(name: string): Promise<boolean> {
    const [, ownerHost, ownerPid] = namePattern.exec(name) ?? [];
    // Our own number before anything was opened belongs to an earlier process with the same one.
    if (ownerHost === host) return Number(ownerPid) === pid || !isRunning(Number(ownerPid));
    const found = await stat(join(root, name)).catch(() => null);
    return found !== null && now() - found.mtimeMs > foreignStaleMs;
  }

  return {
    async start() {
      await mkdir(root, { recursive: true });
      for (const name of await readdir(root)) {
        if (namePattern.test(name) && (await isStale(name))) {
          await rm(join(root, name), { recursive: true, force: true });
        }
      }
    },
    open() {
      const path = join(root, `${host}-${pid}-${randomUUID()}`);
      let isMade = false;
      return {
        get path() {
          if (!isMade) {
            // Not shared with other users of the machine.
            mkdirSync(path, { recursive: true, mode: 0o700 });
            isMade = true;
          }
          return path;
        },
        async dispose() {
          if (isMade) await rm(path, { recursive: true, force: true });
        },
      };
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, but belongs to somebody else.
    return systemCodeOf(error) === 'EPERM';
  }
}
