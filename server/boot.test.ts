import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { createEmbeddedRedis, findRedis } from '../embedded/redis.ts';
import { readToolPlaces } from '../testing/config.ts';
import { eventually } from '../testing/eventually.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { createProjectProcesses } from '../testing/processes.ts';

const processes = createProjectProcesses();
const databases: TestDatabase[] = [];
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-boot-'));
});
afterEach(async () => {
  await processes.stopAll();
  await Promise.all(databases.splice(0).map((database) => database.drop()));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

async function newDatabase(create = createTestDatabase): Promise<string> {
  const database = await create();
  databases.push(database);
  return database.url;
}

const start = (env: Readonly<Record<string, string>>) =>
  processes.start({ entry: 'server/main.ts', env: { PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env } });

async function startReady(env: Readonly<Record<string, string>>) {
  const server = start(env);
  return { server, url: String((await server.waitUntilReady())['url']) };
}

const key = `hdl_${'k'.repeat(43)}`;
const bearer = { authorization: `Bearer ${key}` };

describe('the server process', () => {
  test('prints one ready line with its address, answers, and leaves with 0 on SIGTERM', async () => {
    const { server, url } = await startReady({ DATABASE_URL: await newDatabase() });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const readiness = await fetch(`${url}/readyz`);
    expect(await readiness.json()).toEqual({ status: 'ready', postgres: 'ok', queue: 'ok', draining: false });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('heddle_http_request_seconds');
    // Filled by the first sweep.
    await eventually(async () => {
      const invariant = 'heddle_invariant_violations{invariant="runs_unlike_their_nodes"} 0';
      expect(await (await fetch(`${url}/metrics`)).text()).toContain(invariant);
    });
    expect((await fetch(`${url}/api/workflows`)).status).toBe(401);
    const page = await fetch(`${url}/anything`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  test('makes the owner, the password and the key that it is told to, once, over many starts', async () => {
    const secrets = path.join(dataDir, 'key');
    await writeFile(secrets, `${key}\n`);
    const env = {
      DATABASE_URL: await newDatabase(),
      BOOTSTRAP_EMAIL: 'Boss@example.com',
      BOOTSTRAP_PASSWORD: 'correct horse',
      BOOTSTRAP_API_KEY_FILE: secrets,
      LOG_LEVEL: 'trace',
    };
    for (let i = 0; i < 2; i += 1) {
      const { server, url } = await startReady(env);
      const me = await (await fetch(`${url}/api/me`, { headers: bearer })).json();
      expect(me).toMatchObject({ email: 'boss@example.com', role: 'owner', via: 'api-key' });
      const { items } = (await (await fetch(`${url}/api/keys`, { headers: bearer })).json()) as { items: unknown[] };
      expect(items).toHaveLength(1);
      const signIn = await fetch(`${url}/api/auth/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'boss@example.com', password: 'correct horse' }),
      });
      expect(signIn.status).toBe(200);
      expect(server.output()).not.toContain('correct horse');
      expect(server.output()).not.toContain(key);
      await server.kill('SIGTERM');
    }
  });

  test('embedded makes an owner by itself and prints a link that signs in once', async () => {
    const { server, url } = await startReady({ DATABASE_URL: await newDatabase(), EMBEDDED: '1' });
    const link = /"signInUrl":"([^"]+)"/.exec(server.output())?.[1] ?? '';
    expect(link.startsWith(`${url}/sign-in#token=`)).toBe(true);
    const signIn = () =>
      fetch(`${url}/api/auth/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: new URL(link).hash.split('=')[1] }),
      });
    const first = await signIn();
    expect(await first.json()).toMatchObject({ email: 'owner@localhost', role: 'owner' });
    expect((await signIn()).status).toBe(401);
  });

  test('stays up while Postgres is away: it is not ready, answers 503 with Retry-After, and comes back', async () => {
    const line = await createLine(await newDatabase());
    const { server, url } = await startReady({ DATABASE_URL: line.url, BOOTSTRAP_API_KEY: key });
    // Who asks is known for a moment; what they ask for is not.
    const list = () => fetch(`${url}/api/workflows`, { headers: bearer });
    expect((await list()).status).toBe(200);
    await line.cut();
    const readiness = await fetch(`${url}/readyz`);
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toMatchObject({ postgres: 'down' });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const answer = await list();
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await line.mend();
    await eventually(async () => (await list()).status === 200);
    await eventually(async () => (await fetch(`${url}/readyz`)).status === 200);
    await server.kill('SIGTERM');
    await line.cut();
  });
});

/** A line to Postgres that a test can cut and mend. */
async function createLine(target: string): Promise<{ url: string; cut(): Promise<void>; mend(): Promise<void> }> {
  const { hostname, port } = new URL(target);
  const open = new Set<net.Socket>();
  const proxy = net.createServer((client) => {
    const upstream = net.connect(Number(port), hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on('error', () => {}).on('close', () => (open.delete(one), other.destroy()));
      one.pipe(other);
    }
  });
  const listen = (at: number) => new Promise<void>((resolve) => proxy.listen(at, '127.0.0.1', resolve));
  await listen(0);
  const own = (proxy.address() as net.AddressInfo).port;
  const url = new URL(target);
  url.host = `127.0.0.1:${own}`;
  return {
    url: url.href,
    cut: async () => {
      const closed = new Promise<void>((resolve) => proxy.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
    mend: () => listen(own),
  };
}

describe('attack 29: the server process refuses to start, in one plain line,', () => {
  async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
    const server = start(env);
    expect((await server.ended).code).toBe(1);
    // What it logs while it waits for a database is JSON.
    const lines = server
      .output()
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('{'));
    expect(lines).toHaveLength(1);
    return lines[0]!;
  }

  test('with a configuration that is wrong, naming every problem and no secret', async () => {
    const line = await refusal({ PORT: 'abc', BOOTSTRAP_API_KEY: 'hdl_short-secret', AUTH_MODE: 'none' });
    for (const name of ['PORT', 'BOOTSTRAP_API_KEY', 'AUTH_MODE', 'DATABASE_URL is not set'])
      expect(line).toContain(name);
    expect(line).not.toContain('short-secret');
  });

  test('on an address that others can reach while nobody could sign in', async () => {
    const DATABASE_URL = await newDatabase();
    expect(await refusal({ DATABASE_URL, HOST: '0.0.0.0' })).toContain('BOOTSTRAP_EMAIL');
    const { url } = await startReady({ DATABASE_URL, HOST: '0.0.0.0', BOOTSTRAP_API_KEY: key });
    expect((await fetch(`${url}/api/me`, { headers: bearer })).status).toBe(200);
  });

  test('on a database that was not migrated', async () => {
    expect(await refusal({ DATABASE_URL: await newDatabase(createEmptyDatabase) })).toContain('heddle migrate');
  });

  test('on a Redis that may evict keys', () =>
    withRedis({ 'maxmemory-policy': 'allkeys-lru' }, async (url) => {
      const line = await refusal({ DATABASE_URL: await newDatabase(), REDIS_URL: url, BOOTSTRAP_API_KEY: key });
      expect(line).toContain('maxmemory-policy "allkeys-lru"');
      expect(line).toContain('noeviction');
      expect(line).not.toContain(new URL(url).password);
    }));

  test('without a database, after a moment in which it could have come', async () => {
    const line = await refusal({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect(line).toContain('heddle server: Postgres could not be used');
  });
});

/** A Redis of its own with these settings. A machine without any Redis has none that is set up wrongly either. */
async function withRedis(
  settings: Readonly<Record<string, string>>,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const binary = await findRedis({ ...readToolPlaces(), now: Date.now });
  if (binary === null) return;
  const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-redis-'));
  const redis = createEmbeddedRedis({ dataDir, binary, durable: false });
  try {
    const { url } = await redis.start();
    const client = new Redis(url);
    for (const [name, value] of Object.entries(settings)) await client.config('SET', name, value);
    client.disconnect();
    await work(url);
  } finally {
    await redis.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

test('attack 29: a Redis that keeps nothing on disk is warned of in one line, and the server works', () =>
  withRedis({ appendonly: 'no' }, async (url) => {
    const DATABASE_URL = await newDatabase();
    const started = await startReady({ DATABASE_URL, REDIS_URL: url, BOOTSTRAP_API_KEY: key });
    const warnings = started.server
      .output()
      .split('\n')
      .filter((line) => line.includes('append-only'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('"level":40');
    expect(warnings[0]).not.toContain(new URL(url).password);
    // Not ready is what it says where an answer of the database takes long, too.
    await eventually(async () => (await fetch(`${started.url}/readyz`)).status === 200);
  }));
