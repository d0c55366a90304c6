import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTcpProxy, type TcpProxy } from '../testing/chaos/tcp-proxy.ts';
import { eventually } from '../testing/eventually.ts';
import { createEmptyDatabase, openTestClient, type TestDatabase } from '../testing/postgres.ts';
import { migratePostgresQueue } from './postgres-schema.ts';

let database: TestDatabase;
let proxy: TcpProxy;
beforeAll(async () => {
  database = await createEmptyDatabase();
  proxy = await startTcpProxy(Number(new URL(database.url).port));
});
afterAll(async () => {
  await proxy.stop();
  await database.drop();
});

test('a connection that breaks while the tables are looked at is told to whoever waits, and ends nothing else', async () => {
  await migratePostgresQueue(database.url);
  const [holder, watcher] = [await openTestClient(database.url), await openTestClient(database.url)];
  const { rows } = await holder.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'bullmq'`,
  );
  expect(rows).not.toHaveLength(0);
  await holder.query('begin');
  await holder.query(`lock table ${rows.map(({ name }) => name).join(', ')} in access exclusive mode`);
  const proxied = new URL(database.url);
  proxied.port = String(proxy.port);
  const migrating = migratePostgresQueue(proxied.href).then(
    () => 'migrated',
    (error: unknown) => String(error),
  );
  await eventually(async () => {
    const waiting = await watcher.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return waiting.rows.length > 0;
  });
  proxy.cut();
  expect(await migrating).toMatch(/connection|ECONNRESET/i);
  await Promise.all([holder.end(), watcher.end()]);
});
