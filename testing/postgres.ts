import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { readTestServices } from './config.ts';

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

/** A fresh database with the current schema, cloned from the migrated template in some tens of milliseconds. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(`template ${readTestServices().templateDatabase}`);
}

/** A fresh database without any table, for tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('template template0');
}

async function create(source: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(`create database ${name} ${source}`);
  const url = new URL(readTestServices().postgresUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}

async function administer(statement: string): Promise<void> {
  const client = await openTestClient(readTestServices().postgresUrl);
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
