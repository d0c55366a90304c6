import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startChaosStack } from '../chaos/stack.ts';
import { createRandom } from '../chaos/random.ts';
import { eventually } from '../eventually.ts';
import { percentile, type Proof } from './proof.ts';

const size = { servers: 3, workers: 2 };
/** From one death of a server to the next. */
const killEveryMs = 5_000;
/** Every so many deaths it is Postgres that dies. */
const postgresEvery = 8;
/** Shorter than what counts as an outage. */
const downMs = { least: 300, most: 3_000 };
/** From the last instant until its run is over. */
const settledMs = 120_000;

const graph = {
  nodes: [{ id: 'd', type: 'delay', position: { x: 0, y: 0 }, data: { ms: 0 } }],
  edges: [],
};

interface FireRow {
  readonly due_at: Date;
  readonly status: string;
  readonly runs: number;
  readonly late_ms: number | null;
}

/** Longer than what counts as a delay. */
const outageMs = 75_000;

/**
 * A schedule of each second on three servers, while they and Postgres are killed: each instant has one run, and none has two.
 * Then all servers are away for longer than a minute: with `once` exactly one run makes up for all that was due.
 */
export const proveSchedules: Proof = async ({ times, queue, seed, print }) => {
  const stack = await startChaosStack(queue, [], size);
  const random = createRandom(seed);
  const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 2 });
  // Postgres dies under it as well.
  pool.on('error', () => undefined);
  const problems: string[] = [];
  const ask = async (method: string, path: string, body: unknown) =>
    eventually(async () => {
      const { url } = stack.servers[Math.floor(random.between(0, stack.servers.length - 1))]!;
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as { readonly id: string };
    });
  try {
    const workflow = await ask('POST', '/api/workflows', { name: 'each second', data: graph });
    const trigger = await ask('POST', `/api/workflows/${workflow.id}/triggers`, {
      kind: 'schedule',
      cron: 'every second',
      overlap: 'queue',
    });
    const until = performance.now() + times * 1_000;
    let deaths = 0;
    while (performance.now() < until) {
      await sleep(Math.max(0, Math.min(killEveryMs, until - performance.now())));
      if (performance.now() >= until) break;
      deaths += 1;
      const away = random.between(downMs.least, downMs.most);
      if (deaths % postgresEvery === 0) await stack.postgres.break('SIGKILL', away);
      else await stack.servers[deaths % stack.servers.length]!.kill(away);
    }
    await Promise.all(stack.servers.map((server) => server.ready()));
    await pool.query('update triggers set enabled = false, next_at = null where id = $1', [trigger.id]);
    const deadline = performance.now() + settledMs;
    for (;;) {
      const { rows } = await pool.query<{ open: number }>(
        `select count(*)::integer as open from trigger_fires where status in ('due', 'started')`,
      );
      if (rows[0]!.open === 0) break;
      if (performance.now() > deadline) {
        problems.push(`${rows[0]!.open} instants are not over after ${settledMs} ms`);
        break;
      }
      await sleep(200);
    }
    const { rows: fires } = await pool.query<FireRow>(
      `select f.due_at, f.status, (select count(*)::integer from workflow_runs r where r.id = f.run_id) as runs,
              (select extract(epoch from r.created_at - f.due_at) * 1000 from workflow_runs r where r.id = f.run_id)::integer as late_ms
         from trigger_fires f where f.trigger_id = $1 order by f.due_at`,
      [trigger.id],
    );
    const { rows: all } = await pool.query<{ runs: number }>('select count(*)::integer as runs from workflow_runs');
    for (const [index, { due_at: dueAt, status, runs }] of fires.entries()) {
      const at = dueAt.toISOString();
      if (status !== 'completed' || runs !== 1) problems.push(`${at} is ${status} with ${runs} runs`);
      const before = fires[index - 1];
      const gap = before === undefined ? 1_000 : dueAt.getTime() - before.due_at.getTime();
      if (gap !== 1_000) problems.push(`${gap} ms lie between the instant ${at} and the one before`);
    }
    if (all[0]!.runs !== fires.length) problems.push(`${fires.length} instants have ${all[0]!.runs} runs`);
    // The first comes a second after the schedule was made; the last ones may not have been due yet.
    if (fires.length < times - 5) problems.push(`only ${fires.length} of ${times} instants came`);
    const late = fires.flatMap(({ late_ms: ms }) => (ms === null ? [] : [ms]));
    print(
      `${fires.length} instants, ${all[0]!.runs} runs; ${deaths} deaths of servers and of Postgres; runs began ` +
        `p50 ${percentile(late, 0.5)} ms, p99 ${percentile(late, 0.99)} ms, at most ${Math.max(0, ...late)} ms after their instant`,
    );
    const again = await ask('POST', `/api/workflows/${workflow.id}/triggers`, {
      kind: 'schedule',
      cron: 'every 5 seconds',
      overlap: 'queue',
      misfire: 'once',
    });
    const started = async (after: Date) => {
      const { rows } = await pool.query<{ due_at: Date; created_at: Date }>(
        `select f.due_at, f.created_at from trigger_fires f join workflow_runs r on r.id = f.run_id
          where f.trigger_id = $1 and f.created_at > $2 order by f.due_at`,
        [again.id, after],
      );
      return rows;
    };
    await eventually(async () => (await started(new Date(0))).length > 0, { timeoutMs: settledMs });
    await Promise.all(stack.servers.map((server) => server.kill(outageMs)));
    const downAt = new Date();
    await Promise.all(stack.servers.map((server) => server.ready()));
    await eventually(async () => (await started(downAt)).length >= 3, { timeoutMs: settledMs });
    const after = await started(downAt);
    const upAt = after[0]!.created_at;
    const madeUp = after.filter(({ due_at: dueAt }) => dueAt <= upAt);
    const { rows: missed } = await pool.query<{ reason: string }>(
      `select reason from trigger_fires where trigger_id = $1 and status = 'missed'`,
      [again.id],
    );
    print(
      `after ${Math.round((upAt.getTime() - downAt.getTime()) / 1_000)} s without a server: ${madeUp.length} run for what was due; ` +
        missed.map(({ reason }) => reason).join(' '),
    );
    if (madeUp.length !== 1) problems.push(`${madeUp.length} runs make up for the outage`);
    if (missed.length !== 1) problems.push(`${missed.length} lines tell of what was missed`);
    return problems;
  } finally {
    await pool.end().catch(() => undefined);
    await stack.stop();
  }
};
