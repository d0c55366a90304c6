import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Agent, request } from 'undici';
import { createProjectProcesses, projectRoot } from '../testing/processes.ts';
import { processorSeconds } from './cpu-time.ts';
import { conclude, type Finding } from './findings.ts';
import { startServices } from './services.ts';
import { diamond } from './shapes.ts';
import { median, milliseconds } from './statistics.ts';

/*
 * What starting runs over HTTP costs a server that has all it can do: starts a
 * second, statements to Postgres and processor time a start. No worker runs.
 * `--beside FOLDER` names another build of the project, with its `dist`: the two
 * take turns in slices, and a ratio is taken slice by slice.
 *
 *   npm run bench -- starts [--turns 7] [--starts 1500] [--at-once 64] [--keys] [--beside FOLDER] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a target is missed.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '7' },
    /** Runs started in a slice. */
    starts: { type: 'string', default: '1500' },
    /** Requests under way at once. */
    'at-once': { type: 'string', default: '64' },
    /** Each start with an Idempotency-Key of its own. */
    keys: { type: 'boolean', default: false },
    beside: { type: 'string' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const mostStatements = 1.2;
const shape = diamond();

/** Of one slice. */
interface Slice {
  readonly perSecond: number;
  readonly statements: number;
  readonly serverMs: number;
  readonly postgresMs: number;
}

interface Build {
  readonly name: string;
  slice(): Promise<Slice>;
  stop(): Promise<void>;
}

const services = await startServices(process.env['PATH'] ?? '', { countsStatements: true });
const processes = createProjectProcesses();
const builds: Build[] = [];
try {
  builds.push(await openBuild('this build', projectRoot, 'here'));
  if (values.beside !== undefined)
    builds.push(await openBuild('the other build', path.resolve(values.beside), 'there'));
  const slices = new Map<Build, Slice[]>(builds.map((build) => [build, []]));
  // The first slice of each warms up.
  for (let turn = 0; turn <= Number(values.turns); turn += 1) {
    for (const build of builds) {
      const slice = await build.slice();
      if (turn > 0) slices.get(build)!.push(slice);
    }
  }
  const [here, there] = builds.map((build) => slices.get(build)!);
  const findings = [...builds.flatMap((build) => findingsOf(build, slices.get(build)!)), ...ratios(here!, there)];
  await conclude({
    scenario: 'starts',
    findings,
    plot: {
      title: 'Runs started over HTTP',
      unit: 'starts a second, median of the turns',
      kind: 'bars',
      groups: builds.map(({ name }) => name),
      series: [{ name: 'starts', values: builds.map((build) => median(slices.get(build)!.map((s) => s.perSecond))) }],
    },
    json: values.json,
    svg: values.svg,
  });
} finally {
  for (const build of builds) await build.stop();
  await processes.stopAll();
  await services.stop();
}

function findingsOf({ name }: Build, slices: readonly Slice[]): Finding[] {
  const finding = (what: string, unit: string, of: (slice: Slice) => number): Finding => {
    const turns = slices.map(of);
    return { name: `${name}: ${what}`, value: median(turns), unit, turns };
  };
  return [
    finding('starts a second', '/s', (slice) => slice.perSecond),
    {
      ...finding('statements a start', '', (slice) => slice.statements),
      ...(name === 'this build' ? { target: { kind: 'at most', value: mostStatements } } : {}),
    },
    finding('server, a start', 'ms', (slice) => slice.serverMs),
    finding('Postgres, a start', 'ms', (slice) => slice.postgresMs),
  ];
}

function ratios(here: readonly Slice[], there: readonly Slice[] | undefined): Finding[] {
  if (there === undefined) return [];
  const turns = here.map((slice, turn) => slice.perSecond / there[turn]!.perSecond);
  return [{ name: 'starts a second, of the other build', value: median(turns), unit: 'x', turns }];
}

/** A server of the build in `folder` on a database of its own, with one workflow of one user. */
async function openBuild(name: string, folder: string, database: string): Promise<Build> {
  const databaseUrl = await services.createDatabase(database);
  const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-starts-'));
  const key = `hdl_${randomBytes(32).toString('base64url')}`;
  const env = {
    DATABASE_URL: databaseUrl,
    ...(services.redisUrl === null ? {} : { REDIS_URL: services.redisUrl, REDIS_PREFIX: `{starts-${database}}` }),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
  };
  // By the build itself, which may know another schema than this one.
  const migrated = await processes.start({ entry: 'cli/main.ts', args: ['migrate'], cwd: folder, env }).ended;
  if (migrated.code !== 0) throw new Error(`${folder} could not be migrated. Is it built?`);
  const server = processes.start({
    entry: 'server/main.ts',
    cwd: folder,
    env: {
      ...env,
      PORT: '0',
      BOOTSTRAP_EMAIL: 'owner@example.org',
      BOOTSTRAP_API_KEY: key,
      API_RATE_BURST: '1000000',
      API_RATE_PER_SECOND: '1000000',
      RUN_START_BURST: '1000000',
      RUN_START_PER_MINUTE: '1000000',
      RUN_ACTIVE_PER_USER: '100000',
    },
  });
  const url = String((await server.waitUntilReady())['url']);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const agent = new Agent({ connections: Number(values['at-once']) });
  let sent = 0;

  async function post(where: string, body: string | null): Promise<unknown> {
    const response = await request(url + where, {
      method: 'POST',
      dispatcher: agent,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...(values.keys ? { 'idempotency-key': `bench-${(sent += 1)}` } : {}),
      },
      body,
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`${where}: ${response.statusCode} ${text}`);
    return JSON.parse(text);
  }

  const workflow = await post('/api/workflows', JSON.stringify({ name: shape.name, data: shape.graph }));
  const where = `/api/workflows/${(workflow as { id: number }).id}/run`;

  async function statements(): Promise<number> {
    return services.countStatements(database);
  }

  return {
    name,
    slice: async () => {
      const count = Number(values.starts);
      const before = [
        await statements(),
        await processorSeconds(server.pid),
        await processorSeconds(services.postgresPid),
      ];
      let left = count;
      const caller = async () => {
        while (left > 0) {
          left -= 1;
          await post(where, null);
        }
      };
      const ms = await milliseconds(async () => {
        await Promise.all(Array.from({ length: Number(values['at-once']) }, caller));
      });
      const after = [
        await statements(),
        await processorSeconds(server.pid),
        await processorSeconds(services.postgresPid),
      ];
      const spent = (part: number) => (after[part]! - before[part]!) / count;
      // Every slice finds the same.
      await pool.query('delete from workflow_runs');
      return {
        perSecond: (count * 1_000) / ms,
        statements: spent(0),
        serverMs: spent(1) * 1_000,
        postgresMs: spent(2) * 1_000,
      };
    },
    stop: async () => {
      await server.kill('SIGTERM');
      await agent.close();
      await pool.end();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
