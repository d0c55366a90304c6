import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { eventually } from '../testing/eventually.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';
import { mediaPath } from '../testing/media.ts';
import { createEmptyDatabase, type TestDatabase, openTestClient } from '../testing/postgres.ts';
import { createProjectProcesses } from '../testing/processes.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';

describeOnRedis('a backup', () => {
  const processes = createProjectProcesses();
  let installation: TestInstallation;
  let server: InstalledServer;
  let folder: string;
  let before: Record<string, string>;
  let picture: Buffer;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'heddle-backup-'));
    installation = await createTestInstallation('redis');
    server = await installation.startServer();
    await installation.startWorker();
    const file = mediaPath('picture.png');
    await sharp({ create: { width: 300, height: 300, channels: 3, background: 'navy' } })
      .png()
      .toFile(file);
    const asset = await server.api.upload(file);
    picture = await readFile(file);
    for (const name of ['plain', 'with a tab\t, a line\nfeed, a back\\slash and ünïcode 🦊']) {
      const workflowId = await server.api.createWorkflow({
        nodes: [
          { id: 'text', type: 'text', position: { x: 0, y: 0 }, data: { label: 'T', text: name } },
          { id: 'wait', type: 'delay', position: { x: 0, y: 0 }, data: { label: 'D', ms: 0 } },
          {
            id: 'image',
            type: 'image',
            position: { x: 0, y: 0 },
            data: { label: 'I', file: { url: asset.url, name: asset.name, type: asset.mimeType } },
          },
          {
            id: 'crop',
            type: 'cropImage',
            position: { x: 0, y: 0 },
            data: { label: 'C', x_percent: 0, y_percent: 0, width_percent: 50, height_percent: 50 },
          },
        ],
        edges: [
          { id: 'e1', source: 'text', sourceHandle: 'output', target: 'wait', targetHandle: 'input' },
          { id: 'e2', source: 'image', sourceHandle: 'output', target: 'crop', targetHandle: 'image_url' },
        ],
      });
      for (let run = 0; run < 3; run += 1) {
        expect(await server.api.finished(await server.api.start(workflowId))).toMatchObject({ status: 'COMPLETED' });
      }
    }
    // What runs keep is measured a moment after they have ended.
    await eventually(async () => {
      const { rows } = await installation.pool.query<{ open: number }>(
        `select count(*)::integer as open from workflow_runs where kept_bytes is null`,
      );
      return rows[0]!.open === 0;
    });
    before = await hashTables(installation.databaseUrl);
  });

  afterAll(async () => {
    await processes.stopAll();
    await installation.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Every table's rows as one hash; what is about running processes is left out. */
  async function hashTables(url: string): Promise<Record<string, string>> {
    const client = await openTestClient(url);
    try {
      const { rows: tables } = await client.query<{ name: string }>(
        `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
            and relname not like 'kysely%' and relname not in ('workers', 'rate_buckets', 'invariant_checks')`,
      );
      const hashes: Record<string, string> = {};
      for (const { name } of tables) {
        const { rows } = await client.query<{ text: string }>(`select t::text as text from "${name}" t order by 1`);
        const hash = createHash('sha256').update(rows.map((row) => row.text).join('\n'));
        hashes[name] = `${rows.length} rows ${hash.digest('hex')}`;
      }
      return hashes;
    } finally {
      await client.end();
    }
  }

  function heddle(args: readonly string[], env: Readonly<Record<string, string>>) {
    const child = processes.start({ entry: 'cli/main.ts', args, env: { ENV_FILE: '/dev/null', ...env } });
    return child.ended.then(({ code }) => ({ code, output: child.output() }));
  }

  const backUp = (into: string) =>
    heddle(['backup', into], {
      DATABASE_URL: installation.databaseUrl,
      ASSETS_URL: pathToFileURL(path.join(installation.dataDir, 'assets')).href,
    });

  async function emptyStack(): Promise<{ database: TestDatabase; dataDir: string; env: Record<string, string> }> {
    const database = await createEmptyDatabase();
    const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-restored-'));
    const env = {
      DATABASE_URL: database.url,
      ASSETS_URL: pathToFileURL(path.join(dataDir, 'assets')).href,
      DATA_DIR: dataDir,
      // A container's folder for temporary files may be smaller than one video.
      TMPDIR: path.join(dataDir, 'not-there'),
    };
    return { database, dataDir, env };
  }

  const hashFiles = async (root: string) => {
    const entries = await readdir(path.join(root, 'content'), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return Object.fromEntries(
      await Promise.all(
        files.map(async (entry) => {
          const bytes = await readFile(path.join(entry.parentPath, entry.name));
          return [entry.name, createHash('sha256').update(bytes).digest('hex')] as const;
        }),
      ),
    );
  };

  test('of a running installation gives back every row and every file in an empty one, by hash', async () => {
    const into = path.join(folder, 'whole');
    const made = await backUp(into);
    expect(made).toMatchObject({ code: 0 });
    const { database, dataDir, env } = await emptyStack();
    try {
      const restored = await heddle(['restore', into], env);
      expect(restored.output).toMatch(/restored \d+ rows and \d+ files/);
      expect(restored.code).toBe(0);
      const after = await hashTables(database.url);
      expect(after).toEqual(before);
      expect(after['workflow_runs']).toMatch(/^6 rows/);
      expect(after['node_executions']).toMatch(/^24 rows/);
      // Events are in a period from the start: the first one that is made later has nothing to look through.
      const client = await openTestClient(database.url);
      const { rows: places } = await client.query('select distinct tableoid::regclass::text as name from run_events');
      await client.end();
      expect(places).toEqual([{ name: 'run_events_20200102' }]);
      const files = await hashFiles(path.join(dataDir, 'assets'));
      expect(files).toEqual(await hashFiles(path.join(installation.dataDir, 'assets')));
      for (const [name, hash] of Object.entries(files)) expect(hash).toBe(name);
      expect(Object.keys(files)).toContain(createHash('sha256').update(picture).digest('hex'));
      expect(await readdir(path.join(dataDir, 'work'))).toEqual([]);

      // The restored installation works: its numbers go on where they were.
      const again = await installation.startServer({ ...env, TMPDIR: tmpdir(), REDIS_PREFIX: 'restored' });
      const workflowId = await again.api.createWorkflow({ nodes: [], edges: [] }).catch(() => null);
      const items = (await again.api.request('GET', '/api/workflows')).body as { items: { id: number }[] };
      expect(items.items.length).toBeGreaterThanOrEqual(2);
      if (workflowId !== null) expect(new Set(items.items.map(({ id }) => id)).size).toBe(items.items.length);
      await again.process.kill('SIGTERM');

      const twice = await heddle(['restore', into], env);
      expect(twice.code).toBe(1);
      expect(twice.output).toContain('Nothing is restored into this database: it has users already');
    } finally {
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  test('is refused when a byte of it has changed or a file of it is gone, and nothing is restored', async () => {
    const into = path.join(folder, 'damaged');
    expect((await backUp(into)).code).toBe(0);
    const { database, dataDir, env } = await emptyStack();
    try {
      await appendFile(path.join(into, 'tables', 'workflow_runs.gz'), 'x');
      const changed = await heddle(['restore', into], env);
      expect(changed.code).toBe(1);
      expect(changed.output).toContain('The backup is damaged, nothing was restored: tables/workflow_runs.gz');

      expect((await backUp(into)).code).toBe(0);
      const [content = ''] = (await readdir(path.join(into, 'content'), { recursive: true })).filter((name) =>
        /[0-9a-f]{64}$/.test(name),
      );
      await unlink(path.join(into, 'content', content));
      const gone = await heddle(['restore', into], env);
      expect(gone.output).toContain(`content/${content}`);
      expect(gone.code).toBe(1);

      await unlink(path.join(into, 'manifest.json'));
      expect((await heddle(['restore', into], env)).output).toContain('is not a complete backup');
      const client = await openTestClient(database.url);
      const { rows } = await client.query(`select relname from pg_class where relnamespace = 'public'::regnamespace`);
      await client.end();
      expect(rows).toEqual([]);
    } finally {
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  test('that the store does not take says why, and leaves no row', async () => {
    const into = path.join(folder, 'refused');
    expect((await backUp(into)).code).toBe(0);
    const { database, dataDir, env } = await emptyStack();
    try {
      await mkdir(path.join(dataDir, 'assets'));
      await writeFile(path.join(dataDir, 'assets', 'content'), 'a file where a folder has to be');
      const { code, output } = await heddle(['restore', into], env);
      expect(code).toBe(1);
      expect(output).toContain('Nothing was restored; the database has no row of it. ');
      expect(output).toContain('ENOTDIR');
      expect((await hashTables(database.url))['users']).toMatch(/^0 rows/);
    } finally {
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  test('says which files the store has lost', async () => {
    const into = path.join(folder, 'incomplete');
    const sha256 = createHash('sha256').update(picture).digest('hex');
    const file = path.join(installation.dataDir, 'assets', 'content', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    await chmod(file, 0o600);
    await appendFile(file, 'damaged');
    const { code, output } = await backUp(into);
    expect(code).toBe(1);
    expect(output).toContain(`missing or damaged in the store: ${sha256}`);
  });
});

describe('a backup that does not exist', () => {
  test('is not restored', async () => {
    const processes = createProjectProcesses();
    const database = await createEmptyDatabase();
    const folder = await mkdtemp(path.join(tmpdir(), 'heddle-none-'));
    const child = processes.start({
      entry: 'cli/main.ts',
      args: ['restore', path.join(folder, 'nowhere')],
      env: { ENV_FILE: '/dev/null', DATABASE_URL: database.url, DATA_DIR: folder },
    });
    expect(await child.ended).toMatchObject({ code: 1 });
    expect(child.output()).toContain('is not a complete backup');
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });
});
