import pg from 'pg';
import { createProjectProcesses } from '../../testing/processes.ts';
import { createHeddle } from '../heddle.ts';
import { startInstallation, type BenchInstallation } from '../installation.ts';
import type { Shape } from '../shapes.ts';
import { lookManyMs, lookOnceMs, post, startMany, untilOver, type Peer } from './peer.ts';

/** The engine without the HTTP API: server and worker in one process, which starts the runs itself. */
export async function createEnginePeer(options: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}): Promise<Peer> {
  const engine = await createHeddle(options);
  return {
    name: 'Heddle without HTTP',
    settings: 'server and worker in one process, which starts the runs itself; only told',
    runOnce: engine.runOnce,
    runMany: (shape, count) => engine.runMany(Array.from({ length: count }, () => shape)),
    stop: engine.stop,
  };
}

/** One with processes of its own. */
export interface HeddlePeer extends Peer {
  readonly pids: BenchInstallation['pids'];
}

/** A server and a worker, started over HTTP. */
export async function createHeddlePeer(options: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly dataDir: string;
  /** Another build than this one, with its `dist`. */
  readonly folder?: string;
}): Promise<HeddlePeer> {
  const { databaseUrl, redisUrl, dataDir, folder } = options;
  const processes = createProjectProcesses();
  const { url, apiKey, pids } = await startInstallation(processes, {
    databaseUrl,
    redisUrl,
    // Each build has jobs of its own.
    redisPrefix: `{peers-${folder === undefined ? 'here' : 'there'}}`,
    dataDir,
    folder,
  });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const headers = { authorization: `Bearer ${apiKey}` };

  const workflows = new Map<string, Promise<string>>();
  async function addWorkflow({ name, graph }: Shape): Promise<string> {
    const { body } = await post(`${url}/api/workflows`, { name, data: graph }, headers);
    return `${url}/api/workflows/${(body as { id: number }).id}/run`;
  }
  async function start(shape: Shape): Promise<void> {
    let known = workflows.get(shape.name);
    if (known === undefined) workflows.set(shape.name, (known = addWorkflow(shape)));
    await post(await known, null, headers);
  }

  async function isEveryRunOver(): Promise<boolean> {
    // As the two partial indexes have it.
    const text = `select exists (select from workflow_runs where finished_at is null and admitted_at is not null)
                      or exists (select from workflow_runs where finished_at is null and admitted_at is null) as open`;
    return !(await pool.query<{ open: boolean }>({ name: 'is-any-open', text })).rows[0]!.open;
  }

  return {
    pids,
    name: folder === undefined ? 'Heddle' : 'the other build',
    settings: `one server, one worker, as installed${folder === undefined ? '' : `, of ${folder}`}`,
    runOnce: async (shape) => {
      await start(shape);
      await untilOver(isEveryRunOver, lookOnceMs);
    },
    runMany: async (shape, count) => {
      await startMany(count, () => start(shape));
      await untilOver(isEveryRunOver, lookManyMs);
      // As every schema has it: another build may be older than parts of runs.
      const bad = await pool.query(`select from workflow_runs where status in ('FAILED', 'CANCELLED') limit 1`);
      if (bad.rowCount !== 0) throw new Error('A run of Heddle did not complete.');
    },
    stop: async () => {
      await processes.stopAll();
      await pool.end();
    },
  };
}
