import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { eventually } from './eventually.ts';
import { createTestDatabase, openTestClient } from './postgres.ts';
import { describeOnRedis } from './describe-on-redis.ts';
import { createTestRedis } from './redis.ts';
import { probeRedis } from '../embedded/redis-probe.ts';

describe('a test database', () => {
  test('has the current schema, is private to its file, and is gone after drop()', async () => {
    const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const client = await openTestClient(first.url);
    await client.query('create table only_here (id int)');
    const tables = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    expect(tables.rows.map((row) => row.name)).toEqual(
      expect.arrayContaining(['workflow_runs', 'node_executions', 'only_here']),
    );

    const other = await openTestClient(second.url);
    await expect(other.query('select * from only_here')).rejects.toThrow('only_here');
    await other.end();

    await first.drop();
    await second.drop();
    const late = new pg.Client({ connectionString: first.url });
    await expect(late.connect()).rejects.toThrow('does not exist');
  });
});

describeOnRedis('the test Redis', () => {
  test('answers, and every file gets a prefix of its own', async () => {
    const [first, second] = [createTestRedis(), createTestRedis()];
    expect(first.prefix).not.toBe(second.prefix);
    const url = new URL(first.url);
    await expect(probeRedis(Number(url.port), url.password)).resolves.toBeUndefined();
    await expect(probeRedis(Number(url.port), 'wrong')).rejects.toThrow('password');
  });
});

describe('eventually', () => {
  test('returns the first result that is not false', async () => {
    let calls = 0;
    expect(await eventually(() => ++calls === 3 && 'done', { intervalMs: 1 })).toBe('done');
  });

  test('throws the last error when the time is over', async () => {
    const check = () => Promise.reject(new Error('still closed'));
    await expect(eventually(check, { timeoutMs: 5, intervalMs: 1 })).rejects.toThrow('still closed');
    await expect(eventually(() => false, { timeoutMs: 5, intervalMs: 1 })).rejects.toThrow('stayed false');
  });
});
