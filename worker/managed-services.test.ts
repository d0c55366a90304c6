import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { migrateToLatest } from '../db/migrate.ts';
import { createEmbeddedPostgres, type EmbeddedPostgres } from '../embedded/postgres.ts';
import { removeDataDir } from '../embedded/remove-data-dir.ts';
import { makeTestCertificate } from '../testing/certificate.ts';
import { readToolPlaces } from '../testing/config.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { chainOf } from '../testing/graphs.ts';
import { createTestInstallation, type TestInstallation } from '../testing/installation.ts';
import { createProjectProcesses } from '../testing/processes.ts';
import { startOwnRedis, type OwnRedis } from '../testing/redis-cluster.ts';
import { openTestClient } from '../testing/postgres.ts';

/** What docs/operations.md tells to give the user of Heddle in Redis. */
const rights = ['~{heddle}:*', '&{heddle}:*', '+@all', '-@admin', '-@dangerous', '+info'];

describeOnRedis('an installation on services of others, over TLS', () => {
  const processes = createProjectProcesses();
  let folder: string;
  let postgres: EmbeddedPostgres;
  let redis: OwnRedis;
  let installation: TestInstallation;
  let settings: { DATABASE_URL: string; REDIS_URL: string; REDIS_CA_FILE: string };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'heddle-tls-'));
    const pair = makeTestCertificate(new Date());
    const ca = path.join(folder, 'ca.pem');
    await writeFile(ca, pair.certificate);

    postgres = createEmbeddedPostgres({
      dataDir: path.join(folder, 'postgres'),
      binDir: readToolPlaces().postgresBin,
      durable: false,
    });
    const url = new URL((await postgres.start()).url);
    await encryptPostgres(url.href, pair);
    await migrateToLatest(url.href);
    url.searchParams.set('sslmode', 'verify-full');
    url.searchParams.set('sslrootcert', ca);

    const redisFolder = path.join(folder, 'redis');
    await mkdir(redisFolder);
    await writeFile(path.join(redisFolder, 'cert.pem'), pair.certificate);
    await writeFile(path.join(redisFolder, 'key.pem'), pair.key);
    redis = await startOwnRedis({
      folder: redisFolder,
      settingsOf: (port) => [
        ...['--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no'],
        ...['--tls-cert-file', 'cert.pem', '--tls-key-file', 'key.pem', '--tls-ca-cert-file', 'cert.pem'],
        ...['--requirepass', 'of-the-administrator', '--user', 'heddle', 'on', '>of-heddle', ...rights],
      ],
      connect: (port) =>
        new Redis({ port, password: 'of-the-administrator', tls: { ca: pair.certificate }, retryStrategy: () => null }),
    });
    settings = {
      DATABASE_URL: url.href,
      REDIS_URL: `rediss://heddle:of-heddle@127.0.0.1:${redis.port}`,
      REDIS_CA_FILE: ca,
    };
    installation = await createTestInstallation('redis', { ...settings, REDIS_PREFIX: '{heddle}' });
  });
  afterAll(async () => {
    await processes.stopAll();
    await installation.stop();
    await redis.end('SIGTERM');
    await postgres.stop();
    await removeDataDir(path.join(folder, 'postgres'));
    await rm(folder, { recursive: true, force: true });
  });

  /** Certificate and key belong to the user that Postgres runs as. */
  async function encryptPostgres(url: string, pair: { certificate: string; key: string }): Promise<void> {
    const client = await openTestClient(url);
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    const dataDir = rows[0]!.data_directory;
    const { uid, gid } = await stat(dataDir);
    for (const [name, text] of [
      ['server.crt', pair.certificate],
      ['server.key', pair.key],
    ] as const) {
      await writeFile(path.join(dataDir, name), text, { mode: 0o600 });
      await chown(path.join(dataDir, name), uid, gid);
    }
    await client.query('alter system set ssl = on');
    await client.query('select pg_reload_conf()');
    await client.end();
  }

  async function doctor(env: Record<string, string>): Promise<string> {
    const child = processes.start({ entry: 'cli/main.ts', args: ['doctor'], env: { ENV_FILE: '/dev/null', ...env } });
    await child.ended;
    return child.output();
  }

  test('runs workflows as a user of Redis with few rights, every connection encrypted', async () => {
    const { api } = await installation.startServer();
    await installation.startWorker();
    const runId = await api.start(await api.createWorkflow(chainOf(3)), { triggerType: 'API' });
    expect(await api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    const client = await openTestClient(settings.DATABASE_URL);
    const { rows } = await client.query(
      `select a.application_name, s.ssl from pg_stat_ssl s join pg_stat_activity a using (pid)
        where a.application_name like 'heddle%'`,
    );
    await client.end();
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.filter(({ ssl }) => ssl !== true)).toEqual([]);
  });

  test('is found in order by the doctor', async () => {
    const text = await doctor(settings);
    expect(text).toContain('Redis answers at REDIS_URL and never evicts keys');
    expect(text).toMatch(/Postgres \d+ answers at DATABASE_URL/);
  });

  test('is not believed without the authority that signed its certificates', async () => {
    const { DATABASE_URL, REDIS_URL } = settings;
    const url = new URL(DATABASE_URL);
    url.searchParams.delete('sslrootcert');
    const text = await doctor({ DATABASE_URL: url.href, REDIS_URL });
    expect(text).toMatch(/DATABASE_URL cannot be reached: self-signed certificate/);
    expect(text).toMatch(/REDIS_URL is not usable: self-signed certificate/);
    expect(text).not.toContain('of-heddle');
  });
});
