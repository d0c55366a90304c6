import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../testing/eventually.ts';
import { graphOf } from '../testing/graphs.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';
import { projectRoot } from '../testing/processes.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { readChildEnvironment } from '../testing/config.ts';
import { migrations } from '../migrations/list.ts';

const oldVersion = '0.0.9';

describeOnRedis('workers of two versions side by side', () => {
  let installation: TestInstallation;
  let server: InstalledServer;
  let folder: string;
  const old: ChildProcess[] = [];

  beforeAll(async () => {
    installation = await createTestInstallation('redis');
    server = await installation.startServer();
    folder = await mkdtemp(path.join(tmpdir(), 'heddle-old-'));
    // The program as it was before: another version, and nothing known of the newest migration.
    await cp(path.join(projectRoot, 'dist'), path.join(folder, 'dist'), { recursive: true });
    await symlink(path.join(projectRoot, 'node_modules'), path.join(folder, 'node_modules'));
    const manifest = JSON.parse(await readFile(path.join(projectRoot, 'package.json'), 'utf8')) as object;
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, version: oldVersion }));
    const list = path.join(folder, 'dist', 'migrations', 'list.js');
    const newest = Object.keys(migrations).at(-1)!;
    const text = await readFile(list, 'utf8');
    // Quoted as whoever compiled it quotes.
    const without = text.replace(new RegExp(`^ *['"]${newest}['"]:.*\n`, 'm'), '');
    expect(without).not.toBe(text);
    await writeFile(list, without);
  });
  afterAll(async () => {
    old.forEach((child) => child.kill('SIGKILL'));
    await installation.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function startOldWorker(): Promise<ChildProcess> {
    const { redis, dataDir, databaseUrl } = installation;
    const child = spawn(process.execPath, [path.join(folder, 'dist', 'worker', 'main.js')], {
      env: {
        ...readChildEnvironment(),
        DATABASE_URL: databaseUrl,
        REDIS_URL: redis!.url,
        REDIS_PREFIX: redis!.prefix,
        DATA_DIR: dataDir,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    old.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  test('finish all runs together, and those that the old one leaves when it is stopped', async () => {
    const oldWorker = await startOldWorker();
    const newWorker = await installation.startWorker();
    const { rows } = await installation.pool.query<{ version: string }>('select version from workers');
    expect(new Set(rows.map((row) => row.version)).size).toBe(2);
    expect(rows.map((row) => row.version)).toContain(oldVersion);

    const graph = graphOf(['a', 'b', 'c', 'd', 'e'], ['a>b', 'a>c', 'a>d', 'b>e', 'c>e', 'd>e']);
    for (const node of graph.nodes) node.data = { ...node.data, ms: 100 };
    const workflowId = await server.api.createWorkflow(graph);
    const start = () => Promise.all(Array.from({ length: 20 }, () => server.api.start(workflowId)));
    const runIds = await start();
    await eventually(async () => {
      const shares = await installation.pool.query(
        `select w.version from node_executions n join workers w on w.id = n.worker_id group by 1`,
      );
      return shares.rows.length === 2;
    });
    runIds.push(...(await start()));
    oldWorker.kill('SIGTERM');
    await once(oldWorker, 'exit');
    const again = await startOldWorker();
    runIds.push(...(await start()));
    await newWorker.kill('SIGTERM');
    await installation.startWorker();

    for (const runId of runIds) {
      const run = await server.api.finished(runId);
      expect(run.status).toBe('COMPLETED');
      expect(run.nodeExecutions.map((node) => node.attempt)).toEqual(run.nodeExecutions.map(() => 1));
    }
    again.kill('SIGTERM');
    await once(again, 'exit');
  });
});
