import { access, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisBinary } from './redis-binary.ts';
import { hasErrorCode } from './error-code.ts';
import { listsToTry, openPrivateApt, systemName } from './private-apt.ts';
import { runCommand, type CommandResult } from './run-command.ts';

interface UnpackOptions {
  /** Where unpacked packages are kept from one start to the next. */
  readonly cacheDir: string;
  /** The time now in milliseconds, to tell how old a failed try is. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** Each is a server and the package of its real program (the server is a link to it). */
const packagePairs = [
  ['redis-server', 'redis-tools'],
  ['valkey-server', 'valkey-tools'],
] as const;
/** A machine without network must not pay the wait at every start; after a day it is tried again. */
const retryAfterMs = 24 * 3_600_000;
/** Lists of a distribution are about 10 MB: half a minute on a slow line. */
const updateTimeoutMs = 45_000;
/** The packages together are about 2 MB. */
const downloadTimeoutMs = 30_000;
/** Depth of "a library of a library": two are seen in practice. */
const libraryRounds = 3;

/**
 * Takes redis-server (or valkey-server) out of the distribution's signed
 * package without being root and without installing anything: apt checks the
 * signatures, dpkg-deb unpacks into the cache folder, shared libraries that the
 * system lacks are unpacked beside it. Null when this is no Debian-like system
 * or the package cannot be had.
 */
export async function unpackRedis(options: UnpackOptions): Promise<RedisBinary | null> {
  if (process.platform !== 'linux') return null;
  const target = join(options.cacheDir, `redis-${await systemName()}-${process.arch}`);
  const kept = await findIn(target);
  if (kept !== null) return kept;
  const failedFile = join(options.cacheDir, 'redis-unavailable');
  const failedAt = await stat(failedFile).then(
    (found) => found.mtimeMs,
    () => undefined,
  );
  if (failedAt !== undefined && options.now() - failedAt < retryAfterMs) return null;
  if ((await runTool('apt-get', ['--version'], 5_000)) === undefined) return null;

  await mkdir(options.cacheDir, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(options.cacheDir, 'unpack-'));
  try {
    const root = await fetchInto(work, options.signal);
    if (root === undefined) {
      await writeFile(
        failedFile,
        'No Redis package could be had; it is tried again a day after this file was written.\n',
      );
      return null;
    }
    await rename(root, target).catch((error: unknown) => {
      // Another start unpacked it in the meantime.
      if (!hasErrorCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    });
    await rm(failedFile, { force: true });
    return await findIn(target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Unpacks one of the pairs that runs; returns the folder. */
async function fetchInto(work: string, signal?: AbortSignal): Promise<string | undefined> {
  // No start waits long for a mirror that does not answer.
  const patience = { 'Acquire::Retries': '0', 'Acquire::http::Timeout': '10', 'Acquire::https::Timeout': '10' };
  const apt = await openPrivateApt(work, patience);
  for (const lists of listsToTry(work)) {
    if (lists.length > 0) await runTool('apt-get', [...apt, ...lists, 'update'], updateTimeoutMs, work, signal);
    for (const pair of packagePairs) {
      const root = join(work, `root-${pair[0]}`);
      await rm(root, { recursive: true, force: true });
      const done = await downloadAndUnpack([...apt, ...lists], pair, work, root, signal);
      if (done && (await addMissingLibraries([...apt, ...lists], work, root, signal))) return root;
    }
  }
  return undefined;
}

async function downloadAndUnpack(
  apt: readonly string[],
  packages: readonly string[],
  work: string,
  root: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const debs = join(work, 'debs');
  await rm(debs, { recursive: true, force: true });
  await mkdir(debs);
  const fetched = await runTool('apt-get', [...apt, 'download', ...packages], downloadTimeoutMs, debs, signal);
  if (fetched?.code !== 0) return false;
  for (const name of (await readdir(debs)).filter((file) => file.endsWith('.deb'))) {
    const unpacked = await runTool('dpkg-deb', ['-x', join(debs, name), root], downloadTimeoutMs);
    if (unpacked?.code !== 0) return false;
  }
  return true;
}

/** Unpacks the libraries that the program misses on this system. False when some cannot be had. */
async function addMissingLibraries(
  apt: readonly string[],
  work: string,
  root: string,
  signal?: AbortSignal,
): Promise<boolean> {
  for (let round = 0; round < libraryRounds; round++) {
    const binary = await findIn(root);
    if (binary === null) return false;
    if ((await runTool(binary.path, ['--version'], 5_000, root, signal, binary))?.code === 0) return true;
    const wanted = await libraryDependencies(join(work, 'debs'));
    if (wanted.length === 0 || !(await downloadAndUnpack(apt, wanted, work, root, signal))) return false;
  }
  return false;
}

/** The library packages that the packages in `debs` depend on; the C library is always the system's own. */
async function libraryDependencies(debs: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const name of await readdir(debs)) {
    const shown = await runTool('dpkg-deb', ['-f', join(debs, name), 'Depends'], 5_000);
    for (const part of (shown?.stdout ?? '').split(',')) {
      // "libssl3 (>= 3.0.0) | libssl3t64": the first choice, without its version.
      const [dependency] = part.trim().split(/[ (:|]/);
      if (dependency?.startsWith('lib') && dependency !== 'libc6') found.add(dependency);
    }
  }
  return [...found];
}

async function findIn(root: string): Promise<RedisBinary | null> {
  for (const [server] of packagePairs) {
    const path = join(root, 'usr', 'bin', server);
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists) return { path, libraryDirs: await libraryDirs(root) };
  }
  return null;
}

async function libraryDirs(root: string): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const base of [join(root, 'usr', 'lib'), join(root, 'lib')]) {
    const names = await readdir(base).catch(() => []);
    // Debian keeps libraries by machine, such as x86_64-linux-gnu.
    folders.push(...names.filter((name) => name.includes('-linux-')).map((name) => join(base, name)));
  }
  return folders;
}

/** Undefined when the tool is not there or was stopped. */
async function runTool(
  file: string,
  args: readonly string[],
  timeoutMs: number,
  cwd?: string,
  signal?: AbortSignal,
  binary?: RedisBinary,
): Promise<CommandResult | undefined> {
  const env = binary === undefined ? undefined : { LD_LIBRARY_PATH: binary.libraryDirs.join(':') };
  return await runCommand(file, args, { timeoutMs, cwd, signal, env }).catch(() => undefined);
}
