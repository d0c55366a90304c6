import { createHash } from 'node:crypto';
import { chown, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TerminalError } from '../core/errors/app-error.ts';
import { sharedRoot } from './shared-root.ts';
import { canReach, chooseServiceUser, type ServiceUser } from './unprivileged-user.ts';

/** Where one cluster lives, and who owns it. */
export interface PostgresHome {
  /** Holds `data` and the noted port. */
  readonly folder: string;
  /** Set when this process is root, which Postgres refuses to run as. */
  readonly user: ServiceUser | undefined;
}

/** In DATA_DIR: the path of the home when it lies elsewhere. */
const pointerName = 'postgres-location';
/** In a home that lies elsewhere: the DATA_DIR that it belongs to. */
const ownerName = 'data-dir';
/** Hex digits of the hash that names a home outside DATA_DIR: 64 bits, enough for the folders of one machine. */
const hashLength = 16;

/**
 * Decides where the cluster of `dataDir` lives and makes the folder: in
 * DATA_DIR/postgres, or, when this process is root and DATA_DIR is behind a
 * folder that the service user cannot enter, in a folder of its own under
 * /var/lib/heddle, with a pointer file in DATA_DIR.
 *
 * Throws EMBEDDED_START_FAILED when a pointer leads nowhere, or to a database
 * that belongs to another DATA_DIR: an empty database must not stand in for a
 * lost one.
 */
export async function openPostgresHome(dataDir: string): Promise<PostgresHome> {
  const realDataDir = await realpath(dataDir);
  const inside = join(realDataDir, 'postgres');
  const pointed = await readFile(join(realDataDir, pointerName), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  if (pointed !== undefined && pointed !== '') {
    await checkOwner(pointed, realDataDir);
    return await claim(pointed);
  }
  const user = await chooseServiceUser(join(inside, 'data'));
  if (user === undefined || (await canReach(user, realDataDir))) return await claim(inside);

  const hash = createHash('sha256').update(realDataDir).digest('hex').slice(0, hashLength);
  const outside = await freeName(join(await sharedRoot(), hash));
  const home = await claim(outside);
  await writeFile(join(outside, ownerName), `${realDataDir}\n`);
  await writeFile(join(realDataDir, pointerName), `${outside}\n`);
  return home;
}

/** The folder that holds the cluster of `dataDir`, without making or checking anything. */
export async function locatePostgresHome(dataDir: string): Promise<string> {
  const pointed = await readFile(join(dataDir, pointerName), 'utf8').catch(() => '');
  return pointed.trim() === '' ? join(dataDir, 'postgres') : pointed.trim();
}

/** A deleted DATA_DIR leaves its home behind; a new one at the same path gets a fresh name beside it. */
async function freeName(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${path}-${number}`;
    if ((await stat(join(name, 'data')).catch(() => undefined)) === undefined) return name;
  }
}

async function claim(folder: string): Promise<PostgresHome> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const user = await chooseServiceUser(join(folder, 'data'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  return { folder, user };
}

async function checkOwner(home: string, dataDir: string): Promise<void> {
  const remedy = `Bring it back, or delete ${join(dataDir, pointerName)} to begin with an empty database.`;
  const owner = await readFile(join(home, ownerName), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  if (owner === undefined) {
    throw new TerminalError(
      'EMBEDDED_START_FAILED',
      `The database of ${dataDir} is at ${home}, which cannot be read. ${remedy}`,
    );
  }
  if (owner === dataDir) return;
  const rival = await readFile(join(owner, pointerName), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  if (rival === home) {
    throw new TerminalError(
      'EMBEDDED_START_FAILED',
      `${dataDir} is a copy of ${owner}, and both point to the one database at ${home}. Delete ${join(dataDir, pointerName)} to give ${basename(dataDir)} an empty database of its own.`,
    );
  }
  // DATA_DIR was moved: its database stays its own.
  await writeFile(join(home, ownerName), `${dataDir}\n`);
}
