import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../db/client.ts';
import { dumpSchema } from '../db/dump-schema.ts';
import { migrate } from '../db/migrate.ts';
import { createEmbeddedPostgres } from '../embedded/postgres.ts';
import { removeDataDir } from '../embedded/remove-data-dir.ts';
import { readToolPlaces } from './config.ts';

/*
 * Writes migrations/schema.sql anew: starts a throw-away Postgres, applies all
 * migrations and dumps what they made. Needs nothing but the installed packages.
 */

const file = fileURLToPath(new URL('../migrations/schema.sql', import.meta.url));
const dataDir = await mkdtemp(join(tmpdir(), 'heddle-dump-'));
// Postgres runs as another user where this runs as root, and must be able to walk in.
await chmod(dataDir, 0o711);
const postgres = createEmbeddedPostgres({ dataDir, binDir: readToolPlaces().postgresBin, durable: false });
try {
  const { url } = await postgres.start();
  const { db, stop } = openDatabase(url, { poolSize: 1, applicationName: 'heddle-dump', onError: () => {} });
  try {
    await migrate(db);
    await writeFile(file, await dumpSchema(db));
  } finally {
    await stop();
  }
  process.stdout.write(`Wrote ${file}\n`);
} finally {
  await postgres.stop();
  await removeDataDir(dataDir);
}
