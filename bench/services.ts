import { chmod, mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createEmbeddedPostgres, type EmbeddedPostgres, type RunningPostgres } from '../embedded/postgres.ts';
import { createEmbeddedRedis, findRedis } from '../embedded/redis.ts';
import { removeDataDir } from '../embedded/remove-data-dir.ts';
import { cleanUpAfterThisProcess } from '../testing/clean-up-after.ts';

export interface BenchServices {
  readonly redisUrl: string | null;
  readonly postgresPid: number;
  readonly redisPid: number | null;
  /** A fresh, empty database. */
  createDatabase(name: string): Promise<string>;
  /** Statements that clients have sent to a database so far; needs `countsStatements`. */
  countStatements(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** A throw-away Postgres and Redis with every setting for durability on, as `npm start` has them. */
export async function startServices(
  searchPath: string,
  /** Counting takes a little of Postgres' time. Default false. */
  { countsStatements = false }: { readonly countsStatements?: boolean } = {},
): Promise<BenchServices> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-bench-'));
  // Postgres runs as another user when this program runs as root, and must be able to walk in.
  await chmod(dataDir, 0o711);
  const binary = await findRedis({ searchPath, cacheDir: path.join(homedir(), '.cache', 'heddle'), now: Date.now });
  const postgres = createEmbeddedPostgres({ dataDir });
  const redis = binary === null ? null : createEmbeddedRedis({ dataDir, binary });
  const callOff = cleanUpAfterThisProcess(dataDir);
  const [first, runningRedis] = await Promise.all([postgres.start(), redis?.start()]);
  const { url, pid } = countsStatements ? await countingFromNowOn(postgres, first.url) : first;
  return {
    redisUrl: runningRedis?.url ?? null,
    postgresPid: pid,
    redisPid: runningRedis?.pid ?? null,
    createDatabase: async (name) => {
      await ask(url, `create database ${name}`);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    countStatements: async (name) => {
      const [row] = await ask<{ calls: string }>(
        url,
        `select coalesce(sum(s.calls), 0) as calls from pg_stat_statements s
           join pg_database d on d.oid = s.dbid where d.datname = '${name}'`,
      );
      return Number(row!.calls);
    },
    stop: async () => {
      await Promise.all([postgres.stop(), redis?.stop()]);
      await removeDataDir(dataDir);
      callOff();
    },
  };
}

/** The module that counts is loaded when Postgres starts. */
async function countingFromNowOn(postgres: EmbeddedPostgres, url: string): Promise<RunningPostgres> {
  await ask(url, `alter system set shared_preload_libraries = 'pg_stat_statements'`);
  await postgres.stop();
  const running = await postgres.start();
  await ask(running.url, 'create extension pg_stat_statements');
  return running;
}

async function ask<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
