import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { eventually } from '../testing/eventually.ts';
import { createProjectProcesses } from '../testing/processes.ts';
import { locatePostgresHome, openPostgresHome } from './postgres-home.ts';
import { createEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './postgres.ts';
import { isProcessAlive } from './process-info.ts';
import { removeDataDir } from './remove-data-dir.ts';
import { openTestClient } from '../testing/postgres.ts';

const isRoot = process.getuid?.() === 0;
const processes = createProjectProcesses();
const running: EmbeddedPostgres[] = [];
let template: string;
let parent: string;
let dataDir: string;

/** A new folder that the service user can pass through. */
async function makeParent(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-postgres-'));
  await chmod(folder, 0o711);
  return folder;
}

beforeAll(async () => {
  template = join(await makeParent(), 'data');
  const postgres = createEmbeddedPostgres({ dataDir: template, durable: false });
  await postgres.start();
  await postgres.stop();
});

afterAll(async () => {
  await removeDataDir(template);
  await rm(dirname(template), { recursive: true });
});

beforeEach(async () => {
  parent = await makeParent();
  dataDir = join(parent, 'data');
});

afterEach(async () => {
  await processes.stopAll();
  await Promise.all(running.splice(0).map((postgres) => postgres.stop()));
  for (const name of await readdir(parent)) await removeDataDir(join(parent, name));
  await rm(parent, { recursive: true, force: true });
});

function create(options: Partial<EmbeddedPostgresOptions> = {}): EmbeddedPostgres {
  const postgres = createEmbeddedPostgres({ dataDir, durable: false, ...options });
  running.push(postgres);
  return postgres;
}

/** Makes `dataDir` with a copy of the template's cluster, as after a first start and a stop: initdb is slow. */
async function copyTemplate(): Promise<void> {
  await mkdir(dataDir, { mode: 0o711 });
  const { folder } = await openPostgresHome(dataDir);
  // Unlike fs.cp, this keeps the owner, which Postgres insists on.
  await promisify(execFile)('cp', ['-a', join(await locatePostgresHome(template), 'data'), folder]);
  await copyFile(join(template, 'postgres-password'), join(dataDir, 'postgres-password'));
}

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = await openTestClient(url);
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const writeRow = (url: string) => query(url, `create table kept as select 'row' as value`);
const readRow = (url: string) => query(url, 'select value from kept');

describe('an embedded Postgres', () => {
  test('keeps its rows and its address over a stop and a start', async () => {
    await copyTemplate();
    const first = create();
    const { url, pid } = await first.start();
    await writeRow(url);
    await first.stop();
    expect(await isProcessAlive(pid)).toBe(false);

    const again = await create().start();
    expect(again.url).toBe(url);
    expect(await readRow(again.url)).toEqual([{ value: 'row' }]);
  });

  test('syncs every commit to disk unless durability is given up', async () => {
    // As `heddle start` makes it.
    const usual = createEmbeddedPostgres({ dataDir });
    running.push(usual);
    const { url } = await usual.start();
    const rows = await query(
      url,
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_level')`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      wal_level: 'replica',
    });
    expect(await query(url, 'show data_checksums')).toEqual([{ data_checksums: 'on' }]);
  });

  test('lets nobody in without the password, which only its owner can read', async () => {
    const { url } = await create().start();
    const open = new URL(url);
    open.password = 'guess';
    await expect(query(open.href, 'select 1')).rejects.toThrow('password');
    expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(dataDir, 'logs', 'postgres.log'), 'utf8')).not.toContain(new URL(url).password);
  });

  test('takes another port when its own was taken meanwhile', async () => {
    await copyTemplate();
    const first = create();
    const { port, url } = await first.start();
    await writeRow(url);
    await first.stop();
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(port, '127.0.0.1', done));
    try {
      const again = await create().start();
      expect(again.port).not.toBe(port);
      expect(await readRow(again.url)).toEqual([{ value: 'row' }]);
    } finally {
      await new Promise((done) => squatter.close(done));
    }
  });

  test('reports that it was killed, and comes back with its rows at the same address', async () => {
    await copyTemplate();
    const reasons: string[] = [];
    const postgres = create({ durable: true, onUnexpectedExit: (reason) => reasons.push(reason) });
    const { url, pid } = await postgres.start();
    await writeRow(url);
    process.kill(pid, 'SIGKILL');
    await eventually(() => reasons.length === 1);
    expect(reasons[0]).toContain('SIGKILL');

    const again = await postgres.start();
    expect(again.url).toBe(url);
    expect(await readRow(again.url)).toEqual([{ value: 'row' }]);
    await postgres.stop();
    expect(reasons).toHaveLength(1);
  });

  test('takes over from the orphan of a killed parent', async () => {
    await copyTemplate();
    const child = processes.start({ entry: 'testing/hold-services.ts', args: [dataDir] });
    const line = z.looseObject({ postgres: z.object({ url: z.string(), pid: z.number() }) });
    const { postgres } = line.parse(await child.waitUntilReady());
    await writeRow(postgres.url);
    await child.kill('SIGKILL');
    expect(await isProcessAlive(postgres.pid)).toBe(true);

    const again = await create().start();
    expect(await isProcessAlive(postgres.pid)).toBe(false);
    expect(again.url).toBe(postgres.url);
    expect(await readRow(again.url)).toEqual([{ value: 'row' }]);
  });

  test('starts although its stale pid file names another program', async () => {
    await copyTemplate();
    const pidFile = join(await locatePostgresHome(dataDir), 'data', 'postmaster.pid');
    await writeFile(pidFile, `${process.pid}\n`);
    await expect(create().start()).resolves.toMatchObject({ port: expect.any(Number) });
    expect(await isProcessAlive(process.pid)).toBe(true);
  });

  test('begins anew after an initdb that was killed half-way, and deletes nothing it does not understand', async () => {
    const home = join(dataDir, 'postgres');
    await mkdir(join(home, 'data.new', 'base'), { recursive: true });
    await writeFile(join(home, 'data.new', 'PG_VERSION'), '18\n');
    await mkdir(join(home, 'data'), { recursive: true });
    await writeFile(join(home, 'data', 'PG_VERSION'), '18\n');

    const { url } = await create().start();
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const names = await readdir(home);
    expect(names).not.toContain('data.new');
    const aside = names.filter((name) => name.startsWith('data.incomplete-'));
    expect(aside).toHaveLength(1);
    expect(await readdir(join(home, aside[0] ?? ''))).toEqual(['PG_VERSION']);
  });

  test('refuses data of another major version instead of touching them', async () => {
    await copyTemplate();
    await writeFile(join(await locatePostgresHome(dataDir), 'data', 'PG_VERSION'), '9\n');
    await expect(create().start()).rejects.toThrow(/written by Postgres 9/);
  });

  test('says which program is missing when POSTGRES_BIN is wrong', async () => {
    await expect(create({ binDir: join(parent, 'nowhere') }).start()).rejects.toThrow(/initdb does not exist/);
  });
});

(isRoot ? describe : describe.skip)('as root behind a closed folder', () => {
  beforeEach(() => chmod(parent, 0o700));

  test('the database lives elsewhere, is found again, and goes with its folder', async () => {
    const first = create();
    await writeRow((await first.start()).url);
    await first.stop();
    const home = await locatePostgresHome(dataDir);
    expect(home.startsWith(parent)).toBe(false);
    expect((await stat(join(home, 'data'))).uid).not.toBe(0);

    const second = create();
    expect(await readRow((await second.start()).url)).toEqual([{ value: 'row' }]);
    await second.stop();
    await removeDataDir(dataDir);
    await expect(stat(home)).rejects.toThrow('ENOENT');
  });

  test('a folder that was moved keeps its database', async () => {
    await copyTemplate();
    const first = create();
    await writeRow((await first.start()).url);
    await first.stop();
    const moved = join(parent, 'moved');
    await cp(dataDir, moved, { recursive: true });
    await rm(dataDir, { recursive: true });
    const { url } = await create({ dataDir: moved }).start();
    expect(await readRow(url)).toEqual([{ value: 'row' }]);
  });

  test('a copy of a folder is refused, for two would share one database', async () => {
    await copyTemplate();
    const copy = join(parent, 'copy');
    await cp(dataDir, copy, { recursive: true });
    await expect(create({ dataDir: copy }).start()).rejects.toThrow(/is a copy of/);
    // The pointer would lead the clean-up to the original's database.
    await rm(copy, { recursive: true });
  });

  test('a lost database is an error, not an empty one', async () => {
    await copyTemplate();
    await rm(await locatePostgresHome(dataDir), { recursive: true });
    await expect(create().start()).rejects.toThrow(/cannot be read/);
  });
});
