import type { ModelUsage } from '../../core/node-type/model-usage.ts';
import type { NodeInputs, NodeOutputs } from '../../core/node-type/values.ts';
import { endNow } from '../run-sql/attempts.ts';
import { judgedChanges, judgeNodes } from '../run-sql/branches.ts';
import { closeRuns } from '../run-sql/close.ts';
import { events, nodeEvents, runEvents } from '../run-sql/events.ts';
import { lockRuns } from '../run-sql/lock.ts';
import { releaseDependents } from '../run-sql/release.ts';
import {
  claimsOf,
  recordedOf,
  releasedOf,
  runsOf,
  type ChangedRun,
  type Claim,
  type ClaimedAttempt,
  type ReadyNode,
} from '../run-sql/result.ts';
import { settle } from '../run-sql/settle.ts';
import { usageSum } from '../run-sql/usage.ts';
import { batchOf, hotAnswerMs, runIdsOf, statement, type Queryable } from '../statement.ts';

/** An attempt that a worker would like to have. */
export interface ClaimRequest {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
}

/** An attempt that completed, as it is to be recorded. */
export interface Completion {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  readonly inputs: NodeInputs;
  readonly outputs: NodeOutputs;
  readonly cached: boolean;
  readonly usage: ModelUsage | null;
  /**
   * The pool whose slot the worker holds and would go on in: with the first dependents, where they become ready by
   * this and are of that pool. Null: it goes on with nothing.
   */
  readonly continuesIn: 'io' | 'cpu' | null;
  /** With how many of its first dependents it goes on. Default 1. */
  readonly keeps?: number;
  /** Whether its run may take one way or another. Default false. */
  readonly branches?: boolean;
  /** Completions of equal ones go into one statement where they come together. Default: the run's id. */
  readonly lane?: string;
}

/** An attempt that the worker goes on with: ready by what it completed, and claimed in the same breath. */
export interface Continuation extends ClaimedAttempt {
  /** The completion that made it ready. */
  readonly after: string;
  readonly dependencies: readonly string[];
}

/** What one advance recorded, changed, made ready and claimed. */
export interface Advanced {
  /** Completions that were recorded. The others lost their lease: their result is dropped. */
  readonly recorded: readonly string[];
  readonly runs: readonly ChangedRun[];
  /** What became ready and needs a job. */
  readonly ready: readonly ReadyNode[];
  readonly continuations: readonly Continuation[];
  /**
   * What was claimed. An attempt that is missing was taken, finished or cancelled before, or is not the current one:
   * its job is dropped quietly. An expired session claims nothing.
   */
  readonly claims: readonly Claim[];
}

/** The same as a row: json_agg over nothing is null. */
export type AdvancedRow = { [Part in keyof Advanced]: Advanced[Part] | null };

/** The parts of a row, empty where the row has null. */
export function advancedOf(row: AdvancedRow | undefined): Advanced {
  return {
    recorded: row?.recorded ?? [],
    runs: row?.runs ?? [],
    ready: row?.ready ?? [],
    continuations: row?.continuations ?? [],
    claims: row?.claims ?? [],
  };
}

/**
 * A dependent that became ready is claimed on the spot where it is pure and
 * tiny, or where its worker goes on with it; everything else gets a job.
 */
const isContinued = `(n.pool = 'inline' or n.pool = w.pool) and s.is_alive`;

/*
 * advance: everything a worker has to say about its attempts, in one statement.
 *
 *   complete   RUNNING attempts become COMPLETED (the attempt's number fences
 *              off whoever was rescued from). The pending-dependency count of
 *              their dependents goes down; those at zero become RUNNING under
 *              the same worker (a continuation) or QUEUED. A run with nothing
 *              left becomes terminal.
 *   claim      QUEUED attempts become RUNNING under the worker session's lease.
 *
 * Completions and claims are of different rows, so both can be in one batch; for
 * one run they would wait for each other's commit otherwise.
 *
 * Each row is looked up by `id = any (array[...])`, which can be nothing but a look-up in the primary key or a condition
 * on each pair of rows: a join by `=` could also read the table whole, and would where the plan was made for few rows.
 *
 * Where a completion is of a run with branches, nodes downstream whose edges are written down are judged as well: they
 * become ready, or are skipped, and what that skips in turn. Batches without such a completion have the plain statement.
 *
 * Locks   the runs, in id order; then the attempts and their dependents.
 * Relies  on the primary keys and node_executions (run_id, node_id).
 */
const advanceText = (hasBranches: boolean) => `with ${hasBranches ? 'recursive ' : ''}finished as (
    select i.* from jsonb_to_recordset($1::jsonb) as i(
      id uuid, run_id uuid, attempt integer, inputs jsonb, outputs jsonb, cached boolean, usage jsonb, continues_in text, keeps integer)
  ),
  wanted as (
    select i.* from jsonb_to_recordset($2::jsonb) as i(id uuid, run_id uuid, attempt integer)
  ),
  ${lockRuns('$3')},
  session as materialized (
    select exists (select from workers w where w.id = $4 and w.expired_at is null) as is_alive
  ),
  done as (
    update node_executions n set
      status = 'COMPLETED', output_data = i.outputs, input_data = i.inputs, cached = i.cached,
      usage = ${usageSum('n.usage', 'i.usage')},
      error = null, error_code = null, ${endNow('n')}
      from finished i join locked l on l.id = i.run_id, gate
     where n.id = any (array[i.id]) and n.attempt = i.attempt and n.status = 'RUNNING'
       and l.status = 'RUNNING'
    returning n.*, i.continues_in, i.keeps
  ),
  claimed as (
    update node_executions n set
      status = 'RUNNING', worker_id = $4, started_at = clock_timestamp(), available_at = null
      from wanted i join locked l on l.id = i.run_id, gate, session w
     where n.id = any (array[i.id]) and n.attempt = i.attempt and n.status = 'QUEUED'
       and l.status = 'RUNNING' and w.is_alive
    returning n.*, l.workflow_id, l.workflow_version_id, l.user_id, l.use_cache
  ),
${releaseDependents({ hasBranches, isContinued, worker: '$4', session: 'session' })},${hasBranches ? judged : ''}
  ${settle(
    { from: 'done n', ends: 'true' },
    { from: 'claimed n' },
    { from: "released n where n.status <> 'PENDING'" },
    ...(hasBranches ? judgedChanges : []),
  )},
  ${closeRuns()},
  ${events(nodeEvents(), runEvents('runs r where r.finished_at is not null'))}
  select ${recordedOf('done')}, ${runsOf('runs r')}, ${releasedOf(hasBranches ? 'freed' : 'released')}, ${claimsOf('claimed')}`;

/** A node that goes on in its worker's place is the first that can, where nothing plain has taken that place. */
const judged = `
  given as materialized (
    select d.id, d.run_id, d.node_id, d.dependents,
           (select coalesce(jsonb_agg(o.name), '[]') from jsonb_object_keys(d.output_data) as o(name)) as given,
           case when not exists (select from released n where n.after = d.id and n.status = 'RUNNING' and n.pool <> 'inline')
                then d.continues_in end as continues_in
      from done d
  ),
  ${judgeNodes({
    sources: 'given',
    isContinued: "((n.pool = 'inline' or n.pool = w.pool) and (select s.is_alive from session s))",
    worker: '$4',
  })},
  freed as (select * from released union all select * from judged),`;

const advance = statement<AdvancedRow>('advance-node-executions', advanceText(false));
const advanceBranches = statement<AdvancedRow>('advance-node-executions-with-branches', advanceText(true));

/** Records finished attempts and claims queued ones for a worker session. */
export async function advanceNodeExecutions(
  on: Queryable,
  workerId: string,
  { completions, claims }: { readonly completions: readonly Completion[]; readonly claims: readonly ClaimRequest[] },
): Promise<Advanced> {
  const finished = completions.map(
    ({ runId, continuesIn, keeps = 1, branches: _branches, lane: _lane, ...completion }) => ({
      run_id: runId,
      continues_in: continuesIn,
      keeps,
      ...completion,
    }),
  );
  const wanted = claims.map(({ id, runId, attempt }) => ({ id, run_id: runId, attempt }));
  const values = [batchOf(finished), batchOf(wanted), runIdsOf([...completions, ...claims]), workerId];
  const hasBranches = completions.some(({ branches }) => branches === true);
  const [row] = await (hasBranches ? advanceBranches : advance)(on, values, hotAnswerMs);
  return advancedOf(row);
}
