import { createEmbeddedPostgres } from '../embedded/postgres.ts';
import { createEmbeddedRedis } from '../embedded/redis.ts';

// A parent for tests to kill: starts Postgres, and Redis when a program and the folders of its libraries are named, on
// the folder given as first argument, says so, and then does nothing.
const [, , dataDir = '', redisPath, ...libraryDirs] = process.argv;
const postgres = await createEmbeddedPostgres({ dataDir }).start();
const redis =
  redisPath === undefined
    ? undefined
    : await createEmbeddedRedis({ dataDir, binary: { path: redisPath, libraryDirs } }).start();
process.stdout.write(`${JSON.stringify({ ready: true, postgres, redis })}\n`);
setInterval(() => {}, 1_000);
