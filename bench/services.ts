import { chmod, mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createEmbeddedPostgres } from '../embedded/postgres.ts';
import { createEmbeddedRedis, findRedis } from '../embedded/redis.ts';
import { removeDataDir } from '../embedded/remove-data-dir.ts';
import { cleanUpAfterThisProcess } from '../testing/clean-up-after.ts';

export interface BenchServices {
  readonly redisUrl: string | null;
  readonly postgresPid: number;
  readonly redisPid: number | null;
  /** A fresh, empty database. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** A throw-away Postgres and Redis with every setting for durability on, as `npm start` has them. */
export async function startServices(searchPath: string): Promise<BenchServices> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-bench-'));
  // Postgres runs as another user when this program runs as root, and must be able to walk in.
  await chmod(dataDir, 0o711);
  const binary = await findRedis({ searchPath, cacheDir: path.join(homedir(), '.cache', 'heddle'), now: Date.now });
  const postgres = createEmbeddedPostgres({ dataDir });
  const redis = binary === null ? null : createEmbeddedRedis({ dataDir, binary });
  const callOff = cleanUpAfterThisProcess(dataDir);
  const [{ url, pid }, runningRedis] = await Promise.all([postgres.start(), redis?.start()]);
  return {
    redisUrl: runningRedis?.url ?? null,
    postgresPid: pid,
    redisPid: runningRedis?.pid ?? null,
    createDatabase: async (name) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    stop: async () => {
      await Promise.all([postgres.stop(), redis?.stop()]);
      await removeDataDir(dataDir);
      callOff();
    },
  };
}
