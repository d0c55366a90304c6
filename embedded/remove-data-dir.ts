import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { locatePostgresHome } from './postgres-home.ts';
import { endOrphanedPostgres } from './postmaster.ts';
import { endOrphanedRedis } from './redis.ts';

/** Ends the services that still run on a DATA_DIR and deletes it with its database, wherever that lies. */
export async function removeDataDir(dataDir: string): Promise<void> {
  const home = await locatePostgresHome(dataDir);
  await endOrphanedPostgres(join(home, 'data'));
  await endOrphanedRedis(dataDir);
  await rm(home, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}
