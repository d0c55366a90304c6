import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../testing/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { startTcpProxy } from '../testing/chaos/tcp-proxy.ts';
import { openDatabase, type DatabaseHandle } from './client.ts';
import { statement } from './statement.ts';
import { inTransaction } from './transaction.ts';

describe('a pool of connections', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  beforeEach(async () => {
    database = await createTestDatabase();
    handle = openDatabase(database.url, { poolSize: 2, applicationName: 'test', onError: () => {} });
  });
  afterEach(async () => {
    await handle.stop();
    await database.drop();
  });

  test('outlives a connection that is ended in the middle of a transaction', async () => {
    const { pool } = handle;
    const cut = inTransaction(pool, async (connection) => {
      const { rows } = await connection.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
      await pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
      // Idle, so that no query hears of it.
      await eventually(async () => {
        const left = await pool.query('select from pg_stat_activity where pid = $1', [rows[0]!.pid]);
        return left.rowCount === 0;
      });
    });
    await expect(cut).rejects.toThrow();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  test('gives up a query that is never answered, and its connection with it', async () => {
    const url = new URL(database.url);
    const proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const distant = openDatabase(url.href, { poolSize: 1, applicationName: 'test', onError: () => {} });
    const select = statement<{ one: number }>('select-one', 'select 1 as one');
    try {
      expect(await select(distant.pool, [])).toEqual([{ one: 1 }]);
      proxy.freeze(() => true);
      await expect(select(distant.pool, [], 300)).rejects.toThrow('Query read timeout');
      expect(await select(distant.pool, [])).toEqual([{ one: 1 }]);
    } finally {
      proxy.cut();
      await distant.stop();
      await proxy.stop();
    }
  });
});
