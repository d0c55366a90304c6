import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { io } from 'socket.io-client';
import pg from 'pg';
import { runEventSchema, type RunEvent } from '../core/events/run-event.ts';
import { createProjectProcesses } from '../testing/processes.ts';
import { conclude } from './findings.ts';
import { startInstallation } from './installation.ts';
import { startServices } from './services.ts';
import { chain } from './shapes.ts';
import { median, quantile } from './statistics.ts';

/*
 * How long a change of status takes from its row in Postgres to a Socket.IO
 * client, while workers make about 500 of them a second. Server and worker are
 * processes of their own; the client lives in this one, on the same clock.
 *
 *   npm run bench -- live [--turns 5] [--seconds 6] [--rate 500] [--json FILE] [--svg FILE]
 *
 * Ends with 1 where a target is missed.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    /** Events a second. */
    rate: { type: 'string', default: '500' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const chainNodes = 10;
/** Two for each node, and for the run: its start, its beginning, the first node's wait, its end. */
const eventsPerRun = chainNodes * 2 + 4;
const percentiles = [0.5, 0.9, 0.99, 1];

const services = await startServices(process.env['PATH'] ?? '');
const dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-live-'));
const processes = createProjectProcesses();
try {
  const databaseUrl = await services.createDatabase('live');
  const { redisUrl } = services;
  const { url, apiKey } = await startInstallation(processes, { databaseUrl, redisUrl, redisPrefix: '{live}', dataDir });
  const turns = await measure(url, apiKey, databaseUrl);
  const p50 = turns.map((latencies) => quantile(latencies, 0.5));
  const p99 = turns.map((latencies) => quantile(latencies, 0.99));
  await conclude({
    scenario: `live at ${values.rate} events a second`,
    findings: [
      {
        name: 'commit to client, p50',
        value: median(p50),
        unit: 'ms',
        target: { kind: 'at most', value: 15 },
        turns: p50,
      },
      {
        name: 'commit to client, p99',
        value: median(p99),
        unit: 'ms',
        target: { kind: 'at most', value: 100 },
        turns: p99,
      },
      {
        name: 'events a second',
        value: median(turns.map((latencies) => latencies.length / Number(values.seconds))),
        unit: '/s',
        turns: turns.map((latencies) => latencies.length / Number(values.seconds)),
      },
    ],
    plot: {
      title: `From the commit of a status to the client, ${values.rate} events a second`,
      unit: 'ms',
      kind: 'bars',
      groups: percentiles.map((share) => (share === 1 ? 'worst' : `p${share * 100}`)),
      series: [
        {
          name: 'median of the turns',
          values: percentiles.map((share) => median(turns.map((latencies) => quantile(latencies, share)))),
        },
      ],
    },
    json: values.json,
    svg: values.svg,
  });
} finally {
  await processes.stopAll();
  await services.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Latencies of every event, by turn; the first turn is thrown away. */
async function measure(url: string, key: string, databaseUrl: string): Promise<number[][]> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const post = async (where: string, body: object) => {
    const response = await fetch(url + where, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${where}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: number | string };
  };
  const workflow = await post('/api/workflows', { name: 'live', data: chain(chainNodes, 50).graph });
  const socket = io(url, { auth: { token: key }, transports: ['websocket'], forceNew: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('connect_error', reject);
  });
  const seen: { event: RunEvent; at: number }[] = [];
  socket.on('run:event', (event: unknown) => {
    seen.push({ event: event as RunEvent, at: performance.timeOrigin + performance.now() });
  });
  const ack: unknown = await socket.timeout(5_000).emitWithAck('workflow:subscribe', { workflowId: workflow.id });
  if ((ack as { ok: boolean }).ok !== true) throw new Error(`The subscription was refused: ${JSON.stringify(ack)}`);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const everyMs = (eventsPerRun * 1_000) / Number(values.rate);
  const turns: number[][] = [];
  for (let turn = 0; turn <= Number(values.turns); turn += 1) {
    seen.length = 0;
    const starts: Promise<unknown>[] = [];
    const startedAt = performance.now();
    while (performance.now() - startedAt < Number(values.seconds) * 1_000) {
      starts.push(post(`/api/workflows/${workflow.id}/run`, {}));
      await sleep(Math.max(0, starts.length * everyMs - (performance.now() - startedAt)));
    }
    await Promise.all(starts);
    await allEnded(pool);
    const latencies = await latenciesOf(pool, seen);
    if (turn > 0) turns.push(latencies);
  }
  socket.disconnect();
  await pool.end();
  return turns;
}

async function allEnded(pool: pg.Pool): Promise<void> {
  const open = async () =>
    (
      await pool.query<{ open: number }>(
        'select count(*)::integer as open from workflow_runs where finished_at is null',
      )
    ).rows[0]!.open;
  while ((await open()) > 0) await sleep(50);
  await sleep(300);
}

/** By the moment that stands in the event's row, to the microsecond. */
async function latenciesOf(pool: pg.Pool, seen: readonly { event: RunEvent; at: number }[]): Promise<number[]> {
  const { rows } = await pool.query<{ runId: string; seq: number; at: number }>(
    `select run_id as "runId", seq, extract(epoch from at)::double precision * 1000 as at
       from run_events where run_id = any ($1::uuid[])`,
    [[...new Set(seen.map(({ event }) => event.runId))]],
  );
  const committed = new Map(rows.map(({ runId, seq, at }) => [`${runId} ${seq}`, at]));
  for (const { event } of seen.slice(0, 1)) runEventSchema.parse(event);
  if (seen.length !== rows.length) throw new Error(`${rows.length} events happened and ${seen.length} arrived.`);
  return seen.map(({ event, at }) => at - committed.get(`${event.runId} ${event.seq}`)!);
}
