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

/** A fresh database with the current schema and BullMQ's, cloned from the migrated template in some tens of milliseconds. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(`template ${readTestServices().templateDatabase}`);
}

/** A fresh database without any table, for tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('template template0');
}

async function create(source: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(async (client) => {
    // The files of the template are copied as they are: to write each page into the log as well costs more than twice as much.
    const { rows } = await client.query(`select current_setting('server_version_num')::int >= 150000 as is_told_how`);
    await client.query(`create database ${name} ${source} ${rows[0].is_told_how ? 'strategy file_copy' : ''}`);
  });
  const url = new URL(readTestServices().postgresUrl);
  url.pathname = `/${name}`;
  const drop = (): Promise<void> =>
    administer(async (client) => void (await client.query(`drop database if exists ${name} with (force)`)));
  return { url: url.href, drop };
}

async function administer(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = await openTestClient(readTestServices().postgresUrl);
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
