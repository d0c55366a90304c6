import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { readTestServices } from './config.ts';
import { administrationOf } from './postgres-administration.ts';

export interface TestDatabase {
  readonly url: string;
  /** Deletes the database; connections that are still open are cut. */
  drop(): Promise<void>;
}

/** A pool whose connections may end at any moment: whoever uses one hears of it, and nothing else does. */
export function openTestPool(url: string, max = 2): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on('error', () => {});
  // A connection that is lent has nobody else who listens; an error that nobody hears would end the test file.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** A connection of its own, open, with the same patience. */
export async function openTestClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** A fresh database with the current schema and BullMQ's, cloned from the migrated template in some tens of milliseconds. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(readTestServices().templateDatabase);
}

/** A fresh database without any table, for tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('template0');
}

async function create(template: string): Promise<TestDatabase> {
  const { postgresUrl } = readTestServices();
  const administration = administrationOf(postgresUrl);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administration.create(name, template);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administration.drop(name) };
}
