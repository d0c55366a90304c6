import { chown, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../core/errors/app-error.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { PostgresHome } from './postgres-home.ts';
import { runCommand } from './run-command.ts';

/** The superuser of the cluster and the role that everything connects as. */
export const roleName = 'heddle';
/** initdb takes about a second; a slow, encrypted or network disk may need far longer. */
const initTimeoutMs = 120_000;

/** Nothing of the caller's environment: PG* variables and secrets have no business there. */
export function serviceEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

interface ClusterOptions {
  readonly home: PostgresHome;
  readonly clusterDir: string;
  readonly binaries: PostgresBinaries;
  readonly password: string;
  readonly durable: boolean;
}

/**
 * Makes the cluster unless it is there. initdb works in `data.new`, which is
 * renamed when complete: a leftover of a killed initdb is deleted, and a `data`
 * that is not a cluster is moved aside.
 *
 * Throws EMBEDDED_START_FAILED when initdb fails or when the data were written
 * by another major version of Postgres.
 */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  const { home, clusterDir, binaries } = options;
  const version = await majorVersion(binaries);
  const unfinished = join(home.folder, 'data.new');
  await rm(unfinished, { recursive: true, force: true });
  if (await isCluster(clusterDir)) {
    const found = (await readFile(join(clusterDir, 'PG_VERSION'), 'utf8')).trim();
    if (found === version) return;
    throw new TerminalError(
      'EMBEDDED_START_FAILED',
      `The data in ${clusterDir} were written by Postgres ${found}, but Postgres ${version} is installed. Dump them with Postgres ${found} and restore them, or point POSTGRES_BIN to the programs of Postgres ${found}.`,
    );
  }
  // Never delete what is not understood: it is moved aside.
  const leftover = await readdir(clusterDir).catch(() => []);
  if (leftover.length > 0) await rename(clusterDir, `${clusterDir}.incomplete-${Date.now()}`);

  const passwordFile = join(home.folder, 'initial-password');
  await rm(passwordFile, { force: true });
  try {
    await writeFile(passwordFile, options.password, { mode: 0o600, flag: 'wx' });
    if (home.user !== undefined) await chown(passwordFile, home.user.uid, home.user.gid);
    const locale =
      Number(version) >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'] : ['--locale=C'];
    const result = await runCommand(
      binaries.initdb,
      [
        ...['-D', unfinished, '-U', roleName, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', ...locale, '--data-checksums', '--no-instructions'],
        ...(options.durable ? [] : ['--no-sync']),
      ],
      { cwd: home.folder, env: serviceEnvironment(), ...home.user, timeoutMs: initTimeoutMs },
    );
    if (result.code !== 0) {
      throw new TerminalError(
        'EMBEDDED_START_FAILED',
        `A new database could not be made in ${home.folder}: initdb ended with ${result.code ?? 'a signal'}.\n${result.stderr.trim()}`,
      );
    }
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, clusterDir);
}

async function isCluster(folder: string): Promise<boolean> {
  const parts = await Promise.all(
    ['PG_VERSION', join('global', 'pg_control')].map((name) => stat(join(folder, name)).catch(() => undefined)),
  );
  return parts.every((found) => found !== undefined && found.size > 0);
}

async function majorVersion(binaries: PostgresBinaries): Promise<string> {
  const { stdout, stderr, code } = await runCommand(binaries.postgres, ['--version'], {
    env: serviceEnvironment(),
    timeoutMs: 10_000,
  });
  const major = /\b(\d+)(\.|\w)/.exec(stdout)?.[1];
  if (major !== undefined) return major;
  throw new TerminalError(
    'EMBEDDED_START_FAILED',
    `${binaries.postgres} does not run on this machine (exit code ${code}): ${stderr.trim()}. Point POSTGRES_BIN to a Postgres that does, or set DATABASE_URL.`,
  );
}
