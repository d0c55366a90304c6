import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { partPageSchema, type Part } from '../core/api/parts.ts';
import { partEventSchema, partSubscribeAckSchema, type PartEvent } from '../core/events/part-event.ts';
import { runEventSchema, type RunEvent } from '../core/events/run-event.ts';
import type { Graph } from '../core/graph/graph.ts';
import { checkInvariants } from '../db/invariants/check.ts';
import { items } from './each-nodes.ts';
import type { QueueKind } from './engine.ts';
import { eventually } from './eventually.ts';
import { edgeOf, nodeOf } from './graphs.ts';
import { createTestInstallation, probedPrograms, type InstalledServer, type TestInstallation } from './installation.ts';
import { probeEachOutput } from './probe-node.ts';

/** Shorter than in use, and long enough for a busy machine. */
const leaseMs = 6_000;
const total = 200;
const failing = 'element 117';

/** The tests of regions whose worker dies. Each home of the queue has a file of its own: they run side by side. */
export function testRegionCrashes(kind: QueueKind): void {
  let installation: TestInstallation;
  let server: InstalledServer;
  beforeAll(async () => {
    installation = await createTestInstallation(kind, { LEASE_MS: String(leaseMs) }, probedPrograms);
    server = await installation.startServer();
  });
  afterAll(() => installation.stop());

  const elements = Array.from({ length: total }, (_, index) => `element ${index}`);
  const graph: Graph = {
    nodes: [
      items('list', elements),
      nodeOf('first', 'probeEach', { name: 'first', ms: 5, each: { onError: 'goOn' } }),
      nodeOf('second', 'probeEach', { name: 'second', failsFor: probeEachOutput('first', failing) }),
      nodeOf('all', 'whole'),
    ],
    edges: [edgeOf('list', 'first'), edgeOf('first', 'second'), edgeOf('second', 'all')],
  };

  /** What each lap makes of `x`, until it is so long. */
  const laps = 24;
  const values = Array.from({ length: laps }, (_, lap) => `${'lap('.repeat(lap + 1)}x${')'.repeat(lap + 1)}`);
  const loop: Graph = {
    nodes: [
      nodeOf('text', 'text', { text: 'x' }),
      nodeOf('repeat', 'repeat', { max: laps + 5 }),
      nodeOf('lap', 'probeEach', { name: 'lap', ms: 40 }),
      nodeOf('until', 'until', { expression: `size(value) >= ${values.at(-1)!.length}` }),
    ],
    edges: [
      edgeOf('text', 'repeat', { targetHandle: 'value' }),
      edgeOf('repeat', 'lap'),
      edgeOf('lap', 'until', { targetHandle: 'value' }),
    ],
  };

  async function allParts(runId: string, query: string): Promise<Part[]> {
    const parts: Part[] = [];
    for (let cursor = ''; ;) {
      const { status, body } = await server.api.request('GET', `/api/runs/${runId}/parts?limit=100${query}${cursor}`);
      expect(status).toBe(200);
      const page = partPageSchema.parse(body);
      parts.push(...page.items);
      if (page.nextCursor === null) return parts;
      cursor = `&cursor=${page.nextCursor}`;
    }
  }

  /** Nodes of parts that were committed another number of times than once. */
  async function committedOften(runId: string): Promise<unknown[]> {
    const { rows } = await installation.pool.query(
      `select n.id, count(*)::integer as commits from workflow_runs p
         join node_executions n on n.run_id = p.id join run_events e on e.run_id = p.id and e.node_execution_id = n.id
        where p.parent_run_id = $1 and e.payload ->> 'status' = 'COMPLETED' group by n.id having count(*) <> 1`,
      [runId],
    );
    return rows;
  }

  test('tells of each part to who has opened the region, and to nobody else', async () => {
    const { api, url } = server;
    const worker = await installation.startWorker();
    const few = {
      nodes: graph.nodes.map((node) => (node.id === 'list' ? items('list', elements.slice(0, 12)) : node)),
      edges: graph.edges,
    };
    const workflowId = await api.createWorkflow(few);
    const sockets = [0, 1].map(() =>
      io(url, { auth: { token: installation.apiKey }, transports: ['websocket'], forceNew: true }),
    );
    const [opened, beside] = sockets.map((socket) => {
      const heard: { parts: PartEvent[]; runs: RunEvent[] } = { parts: [], runs: [] };
      socket.on('part:event', (event: unknown) => heard.parts.push(partEventSchema.parse(event)));
      socket.on('run:event', (event: unknown) => heard.runs.push(runEventSchema.parse(event)));
      return heard;
    }) as [{ parts: PartEvent[]; runs: RunEvent[] }, { parts: PartEvent[]; runs: RunEvent[] }];
    try {
      const [first, second] = sockets as [Socket, Socket];
      await second.timeout(60_000).emitWithAck('workflow:subscribe', { workflowId });
      const runId = await api.start(workflowId);
      const subscribe = (nodeId: string) => first.timeout(60_000).emitWithAck('part:subscribe', { runId, nodeId });
      expect(partSubscribeAckSchema.parse(await subscribe('second'))).toMatchObject({ ok: true });
      expect(await subscribe('list')).toMatchObject({ ok: false, code: 'NODE_NOT_FOUND' });
      await api.finished(runId);
      const ends = () => opened.parts.filter((event) => event.type === 'part.updated' && event.status === 'COMPLETED');
      await eventually(() => new Set(ends().map((event) => 'index' in event && event.index)).size === 12);
      const progress = () => opened.parts.flatMap((event) => (event.type === 'parts.updated' ? [event.parts] : []));
      await eventually(() => progress().at(-1)?.done === 12);
      expect(progress().at(-1)).toMatchObject({ total: 12, queued: 0, running: 0, failed: 0 });
      expect(opened.parts.every((event) => event.runId === runId && event.nodeId === 'second')).toBe(true);
      await eventually(() => beside.runs.some((event) => event.type === 'run.updated' && event.status === 'COMPLETED'));
      expect(beside.parts).toEqual([]);
      expect(new Set(beside.runs.map((event) => event.runId))).toEqual(new Set([runId]));
    } finally {
      for (const socket of sockets) socket.disconnect();
      await worker.kill('SIGTERM');
    }
    await installation.pool.query('delete from workflow_runs');
  });

  test(`of ${total} elements and ${laps} laps each is done once though their worker is killed in the middle; a retry executes the failed one alone`, async () => {
    const { api } = server;
    const doomed = await installation.startWorker();
    const loopId = await api.start(await api.createWorkflow(loop));
    await eventually(async () => ((await api.nodes(loopId))['repeat']!.parts?.done ?? 0) >= 2);
    const runId = await api.start(await api.createWorkflow(graph));
    await eventually(async () => ((await api.nodes(runId))['first']!.parts?.done ?? 0) >= 50);
    await doomed.kill('SIGKILL');
    await installation.startWorker();
    const run = await api.finished(runId);
    expect(run.status).toBe('COMPLETED');

    expect((await api.finished(loopId)).status).toBe('COMPLETED');
    expect((await api.nodes(loopId))['until']!.outputData).toEqual({
      output: values.at(-1),
      laps: values,
      ended: 'condition',
    });
    expect(await committedOften(loopId)).toEqual([]);

    const expected = elements.map((element) =>
      element === failing ? null : probeEachOutput('second', probeEachOutput('first', element)),
    );
    const nodes = await api.nodes(runId);
    const { outputData, parts } = nodes['second']!;
    expect(outputData).toEqual({ output: expected });
    expect(parts).toBeNull();
    expect(nodes['first']).toMatchObject({
      parts: { total, queued: 0, running: 0, waiting: 0, done: total - 1, failed: 1, skipped: 0 },
      outputData: { errors: [{ index: 117, code: 'PROVIDER_BAD_REQUEST', attempts: 1 }] },
    });
    expect(await committedOften(runId)).toEqual([]);
    const all = await allParts(runId, '&nodeId=second');
    expect(all.map(({ index }) => index)).toEqual(elements.map((_, index) => index));
    expect(all[3]).toMatchObject({
      parentId: null,
      status: 'COMPLETED',
      label: 'element 3',
      nodeExecutions: [
        { nodeId: 'first', runId, partId: all[3]!.id, outputData: { output: 'first(element 3)' } },
        { nodeId: 'second', runId, partId: all[3]!.id, status: 'COMPLETED' },
      ],
    });
    expect(await allParts(runId, '&status=FAILED')).toMatchObject([
      { index: 117, error: expect.stringContaining('Not first(element 117)') },
    ]);

    const retried = (await api.request('POST', `/api/runs/${runId}/retry`)).body as { id: string };
    expect(await api.finished(retried.id)).toMatchObject({ status: 'COMPLETED' });
    const executed = (await allParts(retried.id, '')).filter(({ nodeExecutions }) =>
      nodeExecutions.some(({ startedAt }) => startedAt !== null),
    );
    expect(executed.map(({ index }) => index)).toEqual([117]);
    expect((await api.nodes(retried.id))['second']!.outputData).toEqual({ output: expected });

    // A part is no run to whoever lists runs, reads or cancels one.
    const { body } = await api.request('GET', '/api/runs');
    expect((body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual([retried.id, runId, loopId]);
    for (const [method, what] of [
      ['GET', ''],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const) {
      expect((await api.request(method, `/api/runs/${all[0]!.id}${what}`)).status).toBe(404);
    }
    expect((await api.request('GET', `/api/runs/${runId}/parts?nodeId=list`)).body).toMatchObject({
      code: 'NODE_NOT_FOUND',
    });
    const broken = await checkInvariants(installation.pool, { leaseMs, windowMs: null, limit: 10_000 });
    expect(Object.entries(broken).filter(([, violations]) => violations > 0)).toEqual([]);
  });
}
