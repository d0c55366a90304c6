import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDatabase, type DatabaseHandle } from '../db/client.ts';
import type { TimedQuery } from '../db/statement.ts';
import { inTransaction } from '../db/transaction.ts';
import { startTcpProxy, type TcpProxy } from '../testing/chaos/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';

const poolSize = 4;
const answerMs = 500;

describe('a pool whose network vanishes without a word', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let handle: DatabaseHandle;
  let errors: Error[];
  beforeEach(async () => {
    database = await createTestDatabase();
    const url = new URL(database.url);
    proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    errors = [];
    handle = openDatabase(url.href, { poolSize, applicationName: 'test', onError: (error) => errors.push(error) });
    // All of them are open, and idle.
    await Promise.all(Array.from({ length: poolSize }, () => handle.pool.query('select pg_sleep(0.1)')));
    expect(handle.pool.idleCount).toBe(poolSize);
  });
  afterEach(async () => {
    await handle.stop();
    await proxy.stop();
    await database.drop();
  });

  const timed = (text: string): TimedQuery => ({ text, query_timeout: answerMs });
  const ask = async (text = 'select pg_backend_pid() as pid') => {
    const { rows } = await handle.pool.query<{ pid: number }>(timed(text));
    return rows[0]!.pid;
  };

  test('loses the time for an answer once, not once for each connection', async () => {
    proxy.freeze(() => true);
    await expect(ask()).rejects.toThrow('Query read timeout');
    expect(handle.pool.totalCount).toBe(0);
    // None of the silent ones is left.
    for (let query = 0; query < poolSize; query += 1) await ask();
    expect(errors.length).toBe(poolSize);
  });

  test('keeps connections that answered in the meantime', async () => {
    let left = 1;
    proxy.freeze(() => left-- > 0);
    const answers = await Promise.allSettled(
      Array.from({ length: poolSize }, () => ask('select pg_backend_pid() as pid, pg_sleep(0.05)')),
    );
    const pids = new Set(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])));
    expect(pids.size).toBe(poolSize - 1);
    expect(handle.pool.totalCount).toBe(poolSize - 1);
    expect(pids).toContain(await ask());
  });

  test('does not wait again for the end of a transaction', async () => {
    // What its rollback was answered.
    let rollback: Promise<unknown> | undefined;
    handle.pool.once('acquire', (client: { query(...args: unknown[]): unknown }) => {
      const query = client.query.bind(client);
      client.query = (...args) => {
        const answer = query(...args);
        if (args[0] === 'rollback') rollback = Promise.resolve(answer);
        return answer;
      };
    });
    const work = inTransaction(handle.pool, async (connection) => {
      proxy.freeze(() => true);
      await connection.query(timed('select 1'));
    });
    await expect(work).rejects.toThrow('Query read timeout');
    // It found the connection closed; nobody waited for its answer.
    await expect(rollback).rejects.toThrow(/not queryable|terminated|said nothing/);
    await ask();
  });

  test('gives the query builder no connection that is waiting for an answer of before', async () => {
    const client = await handle.pool.connect();
    proxy.freeze(() => true);
    await expect(client.query(timed('select 1'))).rejects.toThrow();
    // As the query builder does, which does not say that something failed.
    client.release();
    expect((await handle.db.selectFrom('workflow_runs').select('id').execute()).length).toBe(0);
  });

  test('leaves alone what failed for another reason', async () => {
    await expect(handle.pool.query('select 1 / 0')).rejects.toThrow('division by zero');
    expect(handle.pool.totalCount).toBe(poolSize - 1);
    expect(errors).toEqual([]);
  });
});
