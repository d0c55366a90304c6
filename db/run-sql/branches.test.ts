import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import { v7 as newId } from 'uuid';
import { planBranches } from '../../core/graph/branches.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { planRun, type PlannedNode } from '../../core/graph/plan.ts';
import { structureOf } from '../../core/graph/structure.ts';
import { decide, type NodeState, type RunEventInput, type RunState } from '../../core/run/decide.ts';
import { isRunFinished, skipReasonOf, type NodeExecutionStatus } from '../../core/run/status.ts';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { arbitraryBranchingGraph, switchOutputs } from '../../testing/branching-graphs.ts';
import { sha256 } from '../../testing/graphs.ts';
import { createRunPlayer, type RunPlayer } from '../../testing/play-run.ts';
import { createTestDatabase, openTestPool } from '../../testing/postgres.ts';
import { checkInvariants } from '../invariants/check.ts';
import { advanceNodeExecutions, type Advanced } from '../nodes/advance.ts';
import { findUnanswered } from '../nodes/find-unanswered.ts';
import { failNodeExecutions, failWaitingNodeExecutions, type RecordedFailures } from '../nodes/fail.ts';
import { resolveNodeExecutions } from '../nodes/resolve.ts';
import { resumeNodeExecutions } from '../nodes/resume.ts';
import { suspendNodeExecutions } from '../nodes/suspend.ts';
import { beginRuns } from '../runs/begin.ts';
import { newRunRow } from '../runs/new-run.ts';
import { startRuns } from '../runs/start.ts';
import type { ReadyNode } from './result.ts';
import type { StoredEdges } from '../schema.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let player: RunPlayer;
let version: { workflowId: number; id: string };
beforeAll(async () => {
  database = await createTestDatabase();
  pool = openTestPool(database.url, 4);
  await pool.query(`insert into users (id, email) values ('user-1', 'user-1@example.org')`);
  const { rows } = await pool.query<{ id: number }>(
    `insert into workflows (name, data, user_id) values ('w', '{}', 'user-1') returning id`,
  );
  const workflowId = rows[0]!.id;
  version = { workflowId, id: newId() };
  await pool.query(
    `insert into workflow_versions (id, workflow_id, content_hash, data) values ($1, $2, repeat('0', 64), '{}')`,
    [version.id, workflowId],
  );
  player = await createRunPlayer(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function planned(graph: Graph): readonly PlannedNode[] {
  const structure = structureOf(graph, nodeCatalogue);
  const request = { graph, structure, catalogue: nodeCatalogue, mode: 'all', nodeIds: [], hash: sha256 } as const;
  return planBranches(planRun({ ...request, defaultTimeoutMs: 1_000 }), structure, nodeCatalogue, new Map()).nodes;
}

function stateOf(nodes: readonly PlannedNode[]): RunState {
  return {
    status: 'PENDING',
    nodes: new Map(
      nodes.map(({ nodeId, pendingDependencies, dependents, edges, handlesError }): [string, NodeState] => [
        nodeId,
        {
          status: 'PENDING',
          attempt: 1,
          crashCount: 0,
          pendingDependencies,
          dependents,
          ...(edges === undefined ? {} : { edges }),
          ...(handlesError === undefined ? {} : { handlesError }),
        },
      ]),
    ),
  };
}

async function start(nodes: readonly PlannedNode[]): Promise<{ runId: string; ids: Map<string, string> }> {
  const runId = newId();
  const ids = new Map(nodes.map(({ nodeId }) => [nodeId, newId()]));
  const run = {
    id: runId,
    workflowId: version.workflowId,
    workflowVersionId: version.id,
    revision: null,
    userId: 'user-1',
    triggerType: 'API',
    mode: 'all',
    nodeIds: null,
    useCache: null,
    retryOf: null,
    timeoutMs: 60_000,
    nodes: nodes.map((node) => ({ ...node, id: ids.get(node.nodeId)!, reused: null })),
  } as const;
  const limits = { maxActive: 1_000_000, maxWaiting: 1_000_000 };
  expect(await startRuns(pool, [newRunRow(run)], limits)).toMatchObject([{ turn: 'admitted' }]);
  return { runId, ids };
}

/** The rows of a run in the words of the specification. */
async function stored(runId: string) {
  const { rows } = await pool.query<{
    node_id: string;
    status: NodeExecutionStatus;
    pending_dependencies: number;
    error_code: string | null;
    edges: StoredEdges | null;
  }>('select * from node_executions where run_id = $1', [runId]);
  const { rows: runs } = await pool.query('select * from workflow_runs where id = $1', [runId]);
  return {
    status: runs[0].status,
    unfinished: runs[0].unfinished_nodes,
    handled: runs[0].handled_failures,
    nodes: Object.fromEntries(
      rows.map(({ node_id: id, status, pending_dependencies: pending, error_code: code, edges }) => {
        const skipReason = skipReasonOf(status, code) ?? undefined;
        return [id, factsOf({ status, pendingDependencies: pending, skipReason, edges: edges?.in })];
      }),
    ),
  };
}

interface Facts {
  status: NodeExecutionStatus;
  pendingDependencies: number;
  skipReason?: NodeState['skipReason'];
  edges?: NodeState['edges'];
}

/** What the statements say as well; of a node that a failure took neither counter nor edges mean anything. */
function factsOf({ status, pendingDependencies, skipReason, edges }: Facts) {
  if (skipReason === 'failed') return { status, skipReason };
  return { status, skipReason, waitsFor: status === 'PENDING' ? pendingDependencies : 0, edges };
}

function specified({ status, nodes }: RunState) {
  const all = [...nodes];
  const handled = all.filter(([, node]) => node.status === 'FAILED' && node.handlesError === true).length;
  return {
    status,
    unfinished: all.filter(([, node]) => ['PENDING', 'QUEUED', 'RUNNING', 'WAITING'].includes(node.status)).length,
    handled: handled === 0 ? null : handled,
    nodes: Object.fromEntries(all.map(([id, node]) => [id, factsOf(node)])),
  };
}

test('the statements do with random graphs, step by step, what the specification says', async () => {
  const seen = { skipped: 0, handled: 0, continued: 0, failed: 0, waited: 0 };
  await fc.assert(
    fc.asyncProperty(arbitraryBranchingGraph({ maxNodes: 9 }), fc.infiniteStream(fc.nat()), async (graph, draws) => {
      const draw = (below: number) => (draws.next().value as number) % below;
      const nodes = planned(graph);
      const types = new Map(nodes.map(({ nodeId, nodeType }) => [nodeId, nodeType]));
      const { runId, ids } = await start(nodes);
      let state = decide(stateOf(nodes), { type: 'begin' }).state;
      await beginRuns(pool, [runId]);
      while (!isRunFinished(state.status)) {
        const active = [...state.nodes].filter(([, { status }]) => ['QUEUED', 'RUNNING', 'WAITING'].includes(status));
        const [nodeId, node] = active[draw(active.length)]!;
        const attempt = { id: ids.get(nodeId)!, runId, attempt: node.attempt };
        const events: RunEventInput[] = [];
        if (node.status === 'QUEUED') {
          await advanceNodeExecutions(pool, player.workerId, { completions: [], claims: [attempt] });
          events.push({ type: 'claim', nodeId, attempt: node.attempt });
        } else if (node.status === 'WAITING') {
          const event = await endWait(attempt, { nodeId, isSwitch: types.get(nodeId) === 'switch', draw });
          events.push(event.event);
          const after = decide(state, event.event).state;
          expect(event.ready.map(({ id }) => id).toSorted()).toEqual(
            [...after.nodes]
              .filter(([id, { status }]) => status === 'QUEUED' && state.nodes.get(id)!.status !== 'QUEUED')
              .map(([id]) => ids.get(id)!)
              .toSorted(),
          );
          seen.waited += 1;
        } else if (draw(5) === 0) {
          const wait = { kind: 'person', dueInMs: null, payload: {}, dueOutputs: null } as const;
          const suspended = { ...attempt, inputs: {}, wait: draw(3) === 0 ? null : wait };
          expect((await suspendNodeExecutions(pool, [suspended])).recorded).toEqual([attempt.id]);
          // Where the answer was lost it is sent again, and changes nothing.
          expect((await suspendNodeExecutions(pool, [suspended])).recorded).toEqual([]);
          events.push({ type: 'suspend', nodeId, attempt: node.attempt });
        } else if (draw(3) === 0) {
          const failure = { ...attempt, code: 'INTERNAL', message: 'No.', inputs: null, crashed: false };
          const { ready } = await failNodeExecutions(pool, [failure]);
          events.push({ type: 'fail', nodeId, attempt: node.attempt });
          const after = decide(state, events[0]!).state;
          const fresh = [...after.nodes].filter(
            ([id, { status }]) => status === 'QUEUED' && state.nodes.get(id)!.status === 'PENDING',
          );
          expect(ready.map(({ id }) => id).toSorted()).toEqual(fresh.map(([id]) => ids.get(id)!).toSorted());
        } else {
          const taken = types.get(nodeId) === 'switch' ? [switchOutputs[draw(3)]!] : ['output'];
          const outputs = Object.fromEntries(taken.map((name) => [name, 'x']));
          const completion = { ...attempt, inputs: {}, outputs, cached: false, usage: null };
          const { continuations, ready } = await advanceNodeExecutions(pool, player.workerId, {
            completions: [{ ...completion, continuesIn: draw(2) === 0 ? 'io' : null, branches: true }],
            claims: [],
          });
          const byId = new Map([...ids].map(([own, id]) => [id, own]));
          const gone = continuations.map(({ id }) => byId.get(id)!);
          // One at most goes on in the place of this one; what is done on the spot needs none.
          const inPlace = nodes.filter((one) => gone.includes(one.nodeId) && one.pool !== 'inline');
          expect(inPlace.length).toBeLessThanOrEqual(1);
          seen.continued += gone.length;
          const event = {
            type: 'complete',
            nodeId,
            attempt: node.attempt,
            continuations: gone,
            outputs: taken,
          } as const;
          events.push(event);
          const after = decide(state, event).state;
          const fresh = [...after.nodes].filter(
            ([id, { status }]) => status === 'QUEUED' && state.nodes.get(id)!.status === 'PENDING',
          );
          expect(ready.map(({ id }) => id).toSorted()).toEqual(fresh.map(([id]) => ids.get(id)!).toSorted());
          // Where the answer was lost, all of it is found again.
          const completions = [{ ...completion, continuesIn: null, branches: true }];
          const lost = await findUnanswered(pool, player.workerId, { completions, claims: [] }, () => false);
          const found = [...lost.ready, ...lost.continuations].map(({ id }) => id);
          expect(found).toEqual(expect.arrayContaining([...ready, ...continuations].map(({ id }) => id)));
          expect(lost.recorded).toEqual([completion.id]);
        }
        for (const event of events) state = decide(state, event).state;
        expect(await stored(runId)).toEqual(specified(state));
      }
      const end = specified(state);
      seen.handled += end.handled ?? 0;
      if (end.status === 'FAILED') seen.failed += 1;
      seen.skipped += [...state.nodes.values()].filter(({ skipReason }) => skipReason === 'branch').length;
      const { rows } = await pool.query('select seq from run_events where run_id = $1 order by seq', [runId]);
      expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    }),
    { numRuns: 120 },
  );
  for (const [what, times] of Object.entries(seen)) expect([what, times > 3]).toEqual([what, true]);
  await expectNothingBroken();
});

interface Ended {
  readonly event: RunEventInput;
  readonly ready: readonly ReadyNode[];
}

/** Ends a wait in one way or another, by two at once: one of them does. */
async function endWait(
  attempt: { readonly id: string; readonly runId: string; readonly attempt: number },
  { nodeId, isSwitch, draw }: { nodeId: string; isSwitch: boolean; draw: (below: number) => number },
): Promise<Ended> {
  const end = { resolution: { outcome: 'answered' }, resolvedBy: 'user-1' } as const;
  const taken = isSwitch ? [switchOutputs[draw(3)]!] : ['output'];
  const about = { nodeId, attempt: attempt.attempt };
  const write = [
    async () => ({
      event: { type: 'resume', ...about } as const,
      ...(await resumeNodeExecutions(pool, [{ ...attempt, end }])),
    }),
    async () => ({
      event: { type: 'resolve', fails: true, ...about } as const,
      ...(await failWaitingNodeExecutions(pool, [{ ...attempt, ...end, code: 'WAIT_EXPIRED', message: 'No.' }])),
    }),
    async () => ({
      event: { type: 'resolve', fails: false, outputs: taken, ...about } as const,
      ...(await resolveNodeExecutions(pool, [
        { ...attempt, ...end, outputs: Object.fromEntries(taken.map((name) => [name, 'x'])) },
      ])),
    }),
  ][Math.min(2, draw(6))]!;
  const both = await Promise.all([write(), write()]);
  const winners = both.filter(({ recorded }) => recorded.length > 0);
  expect(winners).toHaveLength(1);
  const { rows } = await pool.query('select resolved_by from waits where node_execution_id = $1 and attempt = $2', [
    attempt.id,
    attempt.attempt,
  ]);
  for (const row of rows) expect(row).toEqual({ resolved_by: 'user-1' });
  return winners[0]!;
}

test('what ends at the same moment, each in a statement of its own, is not lost on anybody', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryBranchingGraph({ maxNodes: 12 }), fc.infiniteStream(fc.nat()), async (graph, draws) => {
      const draw = (below: number) => (draws.next().value as number) % below;
      const nodes = planned(graph);
      const types = new Map(nodes.map(({ nodeId, nodeType }) => [nodeId, nodeType]));
      const { runId } = await start(nodes);
      const finish = async ({
        id,
        attempt,
        nodeId,
      }: Advanced['claims'][number] | Advanced['continuations'][number]): Promise<Advanced | RecordedFailures> => {
        const failure = { id, runId, attempt, code: 'INTERNAL', message: 'No.', inputs: null, crashed: false };
        if (draw(4) === 0) return failNodeExecutions(pool, [failure]);
        const name = types.get(nodeId) === 'switch' ? switchOutputs[draw(3)]! : 'output';
        const completion = { id, runId, attempt, inputs: {}, outputs: { [name]: 'x' }, cached: false, usage: null };
        const completions = [{ ...completion, continuesIn: null, branches: true }];
        return advanceNodeExecutions(pool, player.workerId, { completions, claims: [] });
      };
      let { ready } = await beginRuns(pool, [runId]);
      while (ready.length > 0) {
        const { claims } = await advanceNodeExecutions(pool, player.workerId, { completions: [], claims: ready });
        const inHand: Parameters<typeof finish>[0][] = [...claims];
        while (inHand.length > 0) {
          const ends = await Promise.all(inHand.splice(0).map(finish));
          // What is done on the spot is this worker's already.
          for (const end of ends) if ('continuations' in end) inHand.push(...end.continuations);
        }
        ({ ready } = await beginRuns(pool, [runId]));
      }
      const { rows } = await pool.query('select status, unfinished_nodes from workflow_runs where id = $1', [runId]);
      expect(rows[0].unfinished_nodes).toBe(0);
      expect(['COMPLETED', 'FAILED']).toContain(rows[0].status);
    }),
    { numRuns: 60 },
  );
  await expectNothingBroken();
});

async function expectNothingBroken(): Promise<void> {
  const broken = await checkInvariants(pool, { leaseMs: 600_000, windowMs: null, limit: 1_000 });
  expect(broken).toMatchObject({
    edges_unlike_their_sources: 0,
    nodes_started_too_early: 0,
    runs_unlike_their_nodes: 0,
    results_not_committed_once: 0,
    waits_unlike_their_nodes: 0,
  });
}
