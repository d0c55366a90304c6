import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { checkInvariants } from '../../db/invariants/check.ts';
import { startCallCounter } from '../call-counter.ts';
import { listProcesses } from '../process-list.ts';
import { answerQuestions, type Answering } from './answers.ts';
import { checkRun } from './check-run.ts';
import { partsByDriver, readHistory } from './history.ts';
import { makeLoad, type Load } from './load.ts';
import { createNemesis, type Fault, type FaultKinds } from './nemesis.ts';
import { createRandom } from './random.ts';
import { measureRecoveries, type Recoveries } from './recovery.ts';
import { startChaosStack, type ChaosStack } from './stack.ts';
import { openTestPool } from '../postgres.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly queue: 'redis' | 'postgres';
  readonly runs: number;
  readonly minutes: number;
  /** Default `all`. */
  readonly faults?: FaultKinds;
  readonly tell: (line: string) => void;
  /** Ends everything early and cleans up. */
  readonly signal: AbortSignal;
}

export interface ChaosResult {
  /** Empty: everything that must hold held. */
  readonly problems: readonly string[];
  readonly faults: readonly Fault[];
  readonly load: Load;
  readonly nodes: number;
  /** Elements of lists, and calls. */
  readonly parts: number;
  /** Questions that somebody answered, and answers that came second. */
  readonly answers: Answering['counts'];
  readonly extraAttempts: number;
  readonly excusedNodes: number;
  readonly recoveries: Recoveries;
  /** From the last fault until every run was over. */
  readonly settledMs: number;
  /** What all servers and workers logged. */
  readonly logs: string;
}

const faultEveryMs = 3_000;
/** What is not over by then, counted from the end of the last fault, is stuck. */
const settleMs = 60_000;
/** What a dead worker ran goes on within this; ten seconds of it are its lease. */
const recoveryP99Ms = 15_000;
const progressMs = 10_000;
/** Redis is away for two minutes, or for a quarter of the time where that is less. */
const longestAbsenceMs = 120_000;
/** One first call in ten is refused, and says when to come again. */
const refusedCalls = 0.1;

/** Runs random graphs on a whole installation while it is being broken, then checks what became of them. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, queue, runs, minutes, faults = 'all', tell, signal } = options;
  const random = createRandom(seed);
  const refusals = random.fork('provider');
  const provider = await startCallCounter((_call, number) =>
    number === 1 && refusals.chance(refusedCalls) ? { status: 429, headers: { 'retry-after': '1' } } : { status: 200 },
  );
  const stack = await startChaosStack(queue);
  const pool = openTestPool(stack.databaseUrl);
  const watch = setInterval(() => void tellProgress(pool, tell), progressMs);
  const answering = answerQuestions({
    random: random.fork('answers'),
    urls: stack.servers.map(({ url }) => url),
    apiKey: stack.apiKey,
  });
  try {
    const haunted = minutes * 60_000;
    const nemesis = createNemesis({
      stack,
      tell,
      random: random.fork('nemesis'),
      absenceMs: Math.min(longestAbsenceMs, haunted / 4),
      kinds: faults,
    });
    tell(`everything is up; ${runs} runs within ${minutes} min, a fault every ${faultEveryMs / 1_000} s`);
    const interrupted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('interrupted')));
    });
    const everything = Promise.all([
      makeLoad({
        random: random.fork('load'),
        urls: stack.servers.map(({ url }) => url),
        apiKey: stack.apiKey,
        callUrl: provider.url,
        runs,
        forMs: haunted * 0.9,
      }),
      nemesis.haunt(haunted, faultEveryMs),
    ]);
    const [load] = await Promise.race([everything, interrupted]);
    const mendedAt = performance.now();
    tell(`${nemesis.faults.length} faults are over; ${load.accepted.length} runs accepted`);
    await waitUntilOver(pool, mendedAt + settleMs);
    const settledMs = performance.now() - mendedAt;
    await answering.stop();
    return await judge({ stack, pool, load, answering, faults: nemesis.faults, settledMs, callsOf: provider.count });
  } finally {
    clearInterval(watch);
    await answering.stop();
    await pool.end();
    await stack.stop();
    await provider.stop();
  }
}

async function tellProgress(pool: pg.Pool, tell: (line: string) => void): Promise<void> {
  try {
    const { rows } = await pool.query<{ status: string; count: number; oldest: number }>(
      `select n.status, count(*)::integer as count,
              coalesce(max(extract(epoch from clock_timestamp() - coalesce(n.started_at, n.queued_at))), 0)::integer as oldest
         from workflow_runs r join node_executions n on n.run_id = r.id
        where r.finished_at is null and n.status in ('PENDING', 'QUEUED', 'RUNNING', 'WAITING') group by n.status order by 1`,
    );
    tell(
      `  unfinished nodes: ${rows.map(({ status, count, oldest }) => `${count} ${status} (oldest ${oldest} s)`).join(', ')}`,
    );
  } catch {
    tell('  unfinished nodes: unknown, Postgres is away');
  }
}

async function waitUntilOver(pool: pg.Pool, deadline: number): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ open: number }>(
      'select count(*)::integer as open from workflow_runs where finished_at is null',
    );
    if (rows[0]!.open === 0 || performance.now() > deadline) return;
    await sleep(250);
  }
}

interface Evidence {
  readonly stack: ChaosStack;
  readonly pool: pg.Pool;
  readonly load: Load;
  readonly answering: Answering;
  readonly faults: readonly Fault[];
  readonly settledMs: number;
  readonly callsOf: (nodeExecutionId: string) => number;
}

async function judge(evidence: Evidence): Promise<ChaosResult> {
  const { stack, pool, load, answering, faults, settledMs, callsOf } = evidence;
  const problems: string[] = [...load.refused, ...answering.problems];
  problems.push(...(await leftoverJobs(stack)).map((jobs) => `jobs of ended runs: ${jobs}`));
  const violations = await checkInvariants(pool, { leaseMs: 10_000, windowMs: null, limit: 1_000_000 });
  for (const [name, count] of Object.entries(violations)) {
    if (count > 0) problems.push(`invariant ${name}: ${count} violations`);
  }
  const history = await readHistory(pool);
  const seen = {
    history,
    parts: partsByDriver(history),
    callsOf,
    called: new Map(load.callable.map(({ workflowId, graph }) => [workflowId, graph])),
    answers: answering.answers,
  };
  let excusedNodes = 0;
  for (const accepted of load.accepted) {
    const checked = checkRun(accepted, history.get(accepted.runId), seen);
    excusedNodes += checked.excusedNodes;
    problems.push(...checked.problems.map((problem) => `run ${accepted.runId}: ${problem}`));
  }
  // A start that was answered by nobody and asked for again must not have made two.
  const started = [...history.values()].filter(({ parentId }) => parentId === null).length;
  if (started > load.accepted.length + load.refused.length) {
    problems.push(`${load.accepted.length} runs were accepted and ${started} are there`);
  }
  const workers = await pool.query<{ id: string; pid: number }>('select id, pid from workers');
  const recoveries = measureRecoveries(history.values(), {
    faults,
    workers: new Map(workers.rows.map(({ id, pid }) => [id, pid])),
    lives: stack.workers.flatMap(({ lives }) => lives),
    taken: stack.workers.flatMap(({ taken }) => taken),
  });
  if (recoveries.p99Ms > recoveryP99Ms) problems.push(`recovery p99 ${recoveries.p99Ms} ms`);

  const unclean = await stack.stopProcesses();
  for (const { name, output } of [...stack.servers, ...stack.workers]) {
    const fault = output().split('\n').find(isFaultOfItsOwn);
    if (fault !== undefined) problems.push(`${name} ended by an error of its own: ${fault.slice(0, 300)}`);
  }
  problems.push(...unclean.map((name) => `${name} did not leave in order`));
  await stack.tidyUp();
  problems.push(...(await leftoverFiles(stack)).map((file) => `left behind: ${file}`));
  problems.push(...(await leftoverProcesses(stack)).map((command) => `still running: ${command}`));

  const nodes = [...history.values()].flatMap((run) => run.nodes);
  return {
    problems,
    faults,
    load,
    nodes: nodes.length,
    parts: history.size - started,
    answers: answering.counts,
    extraAttempts: nodes.reduce((sum, node) => sum + node.extra, 0),
    excusedNodes,
    recoveries,
    settledMs,
    logs: [...stack.servers, ...stack.workers].map(({ name, output }) => `=== ${name}\n${output()}`).join('\n'),
  };
}

/** What Node writes last, and what the programs say of errors that nobody handled. */
function isFaultOfItsOwn(line: string): boolean {
  return line.startsWith('Node.js v') || line.includes('an error escaped') || line.includes('nobody cared');
}

/** A job whose worker died is offered again, and found to be over, within so long. */
const jobsGoneMs = 30_000;

/** Jobs in Redis that nobody will ever take off: they would pile up over the months. */
async function leftoverJobs({ redis }: ChaosStack): Promise<string[]> {
  if (redis === null) return [];
  const connection = new Redis(redis.url);
  const deadline = performance.now() + jobsGoneMs;
  try {
    for (;;) {
      const keys = await connection.keys(`${redis.prefix}:*`);
      // The keys of jobs end in an id; those of queues have names.
      const jobs = keys.filter((key) => /:[0-9a-f]{8}-[0-9a-f-]{27,}/.test(key));
      if (jobs.length === 0 || performance.now() > deadline) return jobs;
      await sleep(500);
    }
  } finally {
    connection.disconnect();
  }
}

async function leftoverFiles({ dataDir, smallDisk }: ChaosStack): Promise<string[]> {
  const folders = [path.join(dataDir, 'files', 'work'), ...(smallDisk === null ? [] : [path.join(smallDisk, 'work')])];
  const names = await Promise.all(
    folders.map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => path.join(folder, name))),
  );
  return names.flat();
}

async function leftoverProcesses({ dataDir }: ChaosStack): Promise<string[]> {
  const commands = (await listProcesses()).map(({ command }) => command);
  // Postgres and Redis of the stack are still there; ffmpeg and the children of workers must not be.
  return commands.filter((command) => command.includes(path.join(dataDir, 'files')));
}
