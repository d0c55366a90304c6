import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { readTestServices } from './config.ts';

export interface TestDatabase {
  readonly url: string;
  /** Deletes the database; connections that are still open are cut. */
  drop(): Promise<void>;
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
  const client = new pg.Client({ connectionString: readTestServices().postgresUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
