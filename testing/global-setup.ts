import pg from 'pg';
import { migrateToLatest } from '../db/migrate.ts';
import { createEmbeddedPostgres } from '../embedded/postgres.ts';
import { createEmbeddedRedis, findRedis } from '../embedded/redis.ts';
import { removeDataDir } from '../embedded/remove-data-dir.ts';
import { migratePostgresQueue } from '../queue/postgres-schema.ts';
import { cleanUpAfterThisProcess } from './clean-up-after.ts';
import { bundleChildren } from './bundle-children.ts';
import { bundlePrograms } from './bundle-programs.ts';
import { compilePrograms } from './compile.ts';
import { publishBundledPrograms, publishTestServices, readToolPlaces } from './config.ts';
import { removeAbandonedFolders, makeServiceFolder } from './service-folder.ts';
import { openTestClient } from './postgres.ts';

declare global {
  // Jest loads the teardown apart from the setup; this is its documented way to hand something over.
  var stopTestServices: (() => Promise<void>) | undefined;
}

const templateDatabase = 'heddle_template';

/**
 * Starts one throw-away Postgres and Redis for all integration tests and makes
 * the migrated database that each file clones.
 */
export default async function globalSetup(): Promise<void> {
  await removeAbandonedFolders();
  const dataDir = await makeServiceFolder();
  const { searchPath, cacheDir, postgresBin } = readToolPlaces();
  const postgres = createEmbeddedPostgres({ dataDir, binDir: postgresBin, durable: false });
  const binary = await findRedis({ searchPath, cacheDir, now: Date.now });
  const redis = binary === null ? undefined : createEmbeddedRedis({ dataDir, binary, durable: false });
  let callOff = () => {};
  globalThis.stopTestServices = async () => {
    await Promise.all([postgres.stop(), redis?.stop()]);
    await removeDataDir(dataDir);
    callOff();
  };

  try {
    const programs = compilePrograms().then(bundlePrograms);
    const [runningPostgres, runningRedis, folder] = await Promise.all([
      postgres.start(),
      redis?.start(),
      programs,
      bundleChildren(),
    ]);
    publishBundledPrograms(folder);
    callOff = cleanUpAfterThisProcess(dataDir);
    await makeTemplate(runningPostgres.url);
    publishTestServices({ postgresUrl: runningPostgres.url, templateDatabase, redisUrl: runningRedis?.url });
  } catch (error) {
    await globalThis.stopTestServices();
    throw error;
  }
  if (redis === undefined) {
    process.stderr.write(
      '\n!!! NO REDIS: neither redis-server nor valkey-server is on PATH, and none could be unpacked from a package.\n' +
        '!!! Every test on Redis is SKIPPED. Install one (Debian: apt-get install redis-server) and run again.\n\n',
    );
  }
}

async function makeTemplate(url: string): Promise<void> {
  const client = await openTestClient(url);
  try {
    await cheapenPassword(client, url);
    await client.query(`create database ${templateDatabase}`);
  } finally {
    await client.end();
  }
  const template = new URL(url);
  template.pathname = `/${templateDatabase}`;
  await migrateToLatest(template.href);
  // Whichever queue a test uses: to make BullMQ's tables anew in each database takes longer than to copy them.
  await migratePostgresQueue(template.href);
}

/** Thousands of connections are opened in a run, and each derives the password anew; this one is as random as a key. */
async function cheapenPassword(client: pg.Client, url: string): Promise<void> {
  const known = await client.query(`select 1 from pg_settings where name = 'scram_iterations'`);
  if (known.rowCount === 0) return;
  const { username, password } = new URL(url);
  await client.query('set scram_iterations = 1');
  await client.query(`alter role ${pg.escapeIdentifier(username)} password ${pg.escapeLiteral(password)}`);
}
