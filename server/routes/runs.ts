import type { Request } from 'express';
import { z } from 'zod';
import { pageQuerySchema } from '../../core/api/common.ts';
import { partPageSchema } from '../../core/api/parts.ts';
import { runPlanSchema } from '../../core/api/run-plan.ts';
import {
  meansDraft,
  runDetailSchema,
  runFileSchema,
  runPageSchema,
  runSchema,
  startRunBodySchema,
  waitQuerySchema,
  type RunDetail,
} from '../../core/api/runs.ts';
import { runEventPageSchema } from '../../core/events/run-event.ts';
import { listNodeCosts } from '../../db/model-calls/estimates.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { graphSchema, type Graph } from '../../core/graph/graph.ts';
import { recordedActor, type Scope } from '../../core/scope.ts';
import { runStatuses } from '../../core/run/status.ts';
import { findWorkflowVersion } from '../../db/workflows/find-version.ts';
import { listRunEvents } from '../../db/runs/list-events.ts';
import { deleteFinishedRun } from '../../db/runs/delete.ts';
import { findRegionOfNode, isPartOf, listParts } from '../../db/regions/list-parts.ts';
import { findRun } from '../../db/runs/find.ts';
import { listRuns } from '../../db/runs/list.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import { findWorkflowGraph, hasWorkflow } from '../../db/workflows/find.ts';
import { requireRevision } from '../../engine/runs/known-workflows.ts';
import type { StartedRun } from '../../engine/runs/start-run.ts';
import type { ServerDependencies } from './deps.ts';
import { decodeCursor, pageBody, partCursor, timeCursor } from '../http/cursor.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../http/idempotency.ts';
import { notRepeated, partNotFound, runNotFound, workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { disposition } from '../http/send-content.ts';
import { describePlan } from '../runs/describe-plan.ts';
import { wantsEvents } from '../runs/run-streams.ts';
import { findSources } from '../runs/find-sources.ts';
import { foretell, type ForetellDependencies } from '../runs/foretell.ts';
import { waitForRun } from '../runs/wait-for-run.ts';
import { runParams, workflowParams } from './parameters.ts';
import { abandonedMs, madeBefore, runIdOf, startedDetail, startOnce } from './start-once.ts';
import { streamOf } from './stream-of.ts';

const historyQuerySchema = pageQuerySchema.extend({ status: z.enum(runStatuses).optional() });

const partsQuerySchema = pageQuerySchema.extend({
  /** Any node that is repeated; without it the parts of all of them. */
  nodeId: z.string().min(1).max(255).optional(),
  status: z.enum(runStatuses).optional(),
  /** A part of the run: those within it are listed. Default: those of the run itself. */
  partId: z.uuid().optional(),
});

const eventsQuerySchema = z.strictObject({
  /** The newest seq that you have. */
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(500),
});

/** The id of the event that a stream got last; null where it begins. */
function lastEventId(request: Request): number | null {
  const id = request.get('Last-Event-ID');
  return id !== undefined && /^\d{1,9}$/.test(id) ? Number(id) : null;
}

/** Start, plan, read, cancel, retry and delete runs. */
export function runRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, starter, once, runDetails } = deps;
  const foretelling: ForetellDependencies = { ...deps, clock: () => performance.now() };

  /** The graph that a start with this body would run. */
  async function meantGraph(scope: Scope, id: number, body: z.output<typeof startRunBodySchema>) {
    const workflow = meansDraft(body)
      ? await findWorkflowGraph(deps.pool, scope, id)
      : await findRunnableGraph(deps.pool, scope, id, 'live');
    if (workflow === null) throw workflowNotFound(id);
    requireRevision({ workflowId: id, revision: workflow.revision }, body.version);
    const { data } = workflow;
    if (data === null) throw new Error(`The live version of workflow ${id} is not there.`);
    return { data: typeof data === 'string' ? (JSON.parse(data) as Graph) : data };
  }

  async function ownRun(scope: Scope, id: string) {
    const run = await findRun(db, scope, id);
    if (run === null) throw runNotFound(id);
    return run;
  }

  async function runDetail(scope: Scope, id: string): Promise<RunDetail> {
    const run = await runDetails.find(scope, id);
    if (run === null) throw runNotFound(id);
    return run;
  }

  return [
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/run',
      tag: 'Runs',
      summary: 'Run a workflow, or a part of it',
      auth: 'user',
      scope: 'run',
      place: { of: 'workflow', role: 'runner' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      query: waitQuerySchema,
      endsWithAccess: true,
      headers: idempotencyHeader,
      body: startRunBodySchema,
      isBodyOptional: true,
      responses: {
        202: {
          description: 'The run; with `wait` as it was when it ended, with its node executions.',
          schema: runDetailSchema,
        },
      },
      handler: async ({ principal, scope, params, query, body, request, signal }) => {
        const key = idempotencyKeyOf(request);
        const published = meansDraft(body) ? undefined : ('live' as const);
        const started = await startOnce(deps, {
          principal,
          scope,
          workflowId: params.id,
          published,
          body,
          key,
          signal,
        });
        const { id: runId, replayed } = started;
        if (query.wait > 0) await waitForRun(deps, { scope, runId, timeoutMs: query.wait * 1_000, signal });
        signal.throwIfAborted();
        const run = await startedDetail(runDetails, scope, query.wait > 0 ? { ...started, run: null } : started);
        return {
          status: 202,
          body: run,
          headers: { Location: `/api/runs/${runId}`, ...(replayed ? { 'Idempotent-Replayed': 'true' } : {}) },
        };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/plan',
      tag: 'Runs',
      summary: 'Say what a run would do, without starting it',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: startRunBodySchema,
      isBodyOptional: true,
      responses: {
        200: { description: 'One line for each node, with what is expected from the cache.', schema: runPlanSchema },
      },
      handler: async ({ scope, params, body }) => {
        const workflowId = params.id;
        const { data } = await meantGraph(scope, workflowId, body);
        const planned = await starter.plan({ id: workflowId, data }, { ...body, userId: scope.workspaceId });
        const request = { scope, workflowId, useCache: body.useCache ?? null, planned };
        const forecast = await foretell(foretelling, request);
        const costs = await listNodeCosts(deps.pool, {
          ...{ workflowId, userId: scope.workspaceId },
          nodeIds: planned.plan.nodes.map(({ nodeId }) => nodeId),
        });
        return { status: 200, body: { nodes: describePlan(planned.graph, planned, forecast, deps.catalogue, costs) } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/runs',
      tag: 'Runs',
      summary: 'Execution history of a workflow, newest first',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      query: historyQuerySchema,
      responses: { 200: { description: 'One page.', schema: runPageSchema } },
      handler: async ({ scope, params, query }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        return { status: 200, body: await historyPage(scope, params.id, query) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/runs',
      tag: 'Runs',
      summary: 'Execution history of all your workflows, newest first',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      query: historyQuerySchema,
      responses: { 200: { description: 'One page.', schema: runPageSchema } },
      handler: async ({ scope, query }) => ({
        status: 200,
        body: await historyPage(scope, null, query),
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/runs/:id',
      tag: 'Runs',
      summary: 'Read a run with its node executions',
      auth: 'user',
      scope: 'read',
      place: { of: 'run', role: 'viewer' },
      notFound: 'RUN_NOT_FOUND',
      params: runParams,
      responses: { 200: { description: 'The run.', schema: runDetailSchema } },
      handler: async ({ scope, params }) => {
        const run = await runDetail(scope, params.id);
        return { status: 200, body: run };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/runs/:id/parts',
      tag: 'Runs',
      summary:
        'What a run executes once for each element of a list, and what the workflows do that it calls, part by part in the order of the elements',
      auth: 'user',
      scope: 'read',
      place: { of: 'run', role: 'viewer' },
      notFound: 'RUN_NOT_FOUND',
      params: runParams,
      query: partsQuerySchema,
      responses: {
        200: { description: 'One page; parts that are not begun yet are missing.', schema: partPageSchema },
      },
      handler: async ({ scope, params, query }) => {
        await ownRun(scope, params.id);
        const { nodeId, status = null, partId = null, limit, cursor } = query;
        const runId = params.id;
        if (partId !== null && !(await isPartOf(db, runId, partId))) throw partNotFound(runId, partId);
        const region = nodeId === undefined ? undefined : await findRegionOfNode(db, partId ?? runId, nodeId);
        if (region === null) throw notRepeated(runId, nodeId!);
        const kind = partCursor(partId ?? runId);
        const after = decodeCursor(kind, cursor);
        const executionId = region?.executionId ?? null;
        const page = await listParts(db, { runId, partId, executionId, status, limit, after });
        return { status: 200, body: pageBody(kind, page) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/runs/:id/graph',
      tag: 'Runs',
      summary: 'The graph as the run froze it',
      auth: 'user',
      scope: 'read',
      place: { of: 'run', role: 'viewer' },
      notFound: 'RUN_NOT_FOUND',
      params: runParams,
      responses: { 200: { description: 'The graph.', schema: graphSchema } },
      handler: async ({ scope, params }) => {
        const run = await ownRun(scope, params.id);
        const graph = await findWorkflowVersion(deps.pool, run.workflowVersionId);
        if (graph === null) throw runNotFound(params.id);
        return { status: 200, body: graph };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/runs/:id/export',
      tag: 'Runs',
      summary: 'What a run put out, as a file to save; its files are named by their addresses',
      auth: 'user',
      scope: 'read',
      place: { of: 'run', role: 'viewer' },
      notFound: 'RUN_NOT_FOUND',
      params: runParams,
      audit: { action: 'run.export', subject: 'run' },
      responses: { 200: { description: 'The file.', schema: runFileSchema } },
      handler: async ({ scope, params }) => {
        const run = await runDetail(scope, params.id);
        const { id, workflowId, status, nodeExecutions } = run;
        const sources = await findSources(deps, scope, run);
        const outputs = nodeExecutions.map(({ nodeId, nodeLabel, nodeType, status: nodeStatus, outputData }) => ({
          nodeId,
          nodeLabel,
          status: nodeStatus,
          outputData,
          sources: { ...sources.get(nodeId) },
          given: deps.catalogue.get(nodeType)?.inputs.length === 0,
        }));
        return {
          status: 200,
          body: { heddle: 'run' as const, id, workflowId, status, outputs },
          headers: { 'Content-Disposition': disposition(`run-${id.slice(0, 8)}.json`, true) },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/runs/:id/events',
      tag: 'Runs',
      summary:
        'Status events of a run after a seq; with "Accept: text/event-stream" the stream of a run goes on after the header Last-Event-ID',
      auth: 'user',
      scope: 'read',
      place: { of: 'run', role: 'viewer' },
      notFound: 'RUN_NOT_FOUND',
      params: runParams,
      query: eventsQuerySchema,
      endsWithAccess: true,
      responses: { 200: { description: 'The events in order.', schema: runEventPageSchema } },
      handler: async ({ scope, params, query, request, response, signal }) => {
        const run = await ownRun(scope, params.id);
        const { seq } = run;
        if (wantsEvents(request)) {
          const afterSeq = lastEventId(request) ?? query.after;
          const leave = deps.streams.claim(scope.actorId);
          const stream = { ...streamOf(deps, request), response, signal, scope, run, first: null, afterSeq };
          await deps.streams.pipe(stream).finally(leave);
          return 'sent';
        }
        const items = await listRunEvents(db, params.id, query.after, query.limit);
        const last = items.at(-1)?.seq ?? query.after;
        return { status: 200, body: { items, nextAfter: last < seq ? last : null } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/runs/:id/cancel',
      tag: 'Runs',
      summary: 'Cancel a run; what it executes is stopped',
      auth: 'user',
      scope: 'run',
      place: { of: 'run', role: 'runner' },
      notFound: 'RUN_NOT_FOUND',
      params: runParams,
      responses: { 202: { description: 'The cancelled run.', schema: runSchema } },
      handler: async ({ scope, params }) => {
        await ownRun(scope, params.id);
        const wasCancelled = await starter.cancel(params.id);
        const run = await ownRun(scope, params.id);
        if (!wasCancelled && run.status !== 'CANCELLED') {
          throw new TerminalError(
            'RUN_ALREADY_FINISHED',
            `Run ${params.id} is ${run.status} already. There is nothing left to cancel; start another one.`,
          );
        }
        return { status: 202, body: run };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/runs/:id/retry',
      tag: 'Runs',
      summary: 'Start a new run of what did not complete',
      auth: 'user',
      scope: 'run',
      place: { of: 'run', role: 'runner' },
      notFound: 'RUN_NOT_FOUND',
      params: runParams,
      headers: idempotencyHeader,
      responses: { 202: { description: 'The new run.', schema: runDetailSchema } },
      handler: async ({ scope, params, request, signal }) => {
        const fingerprint = { route: 'retry', runId: params.id };
        let started: StartedRun | undefined;
        const answer = await once.do(
          { key: idempotencyKeyOf(request), userId: scope.actorId, fingerprint, signal, abandonedMs },
          async (runId, isInherited) => {
            const made = await madeBefore(db, scope, runId, isInherited);
            if (made !== null) return made;
            await ownRun(scope, params.id);
            const actorId = recordedActor(scope);
            started = await starter.retry({ retryOf: params.id, userId: scope.workspaceId, actorId, runId });
            return { status: 202, body: { id: started.id } };
          },
        );
        const runId = runIdOf(answer.body);
        const run = await startedDetail(runDetails, scope, started ?? { id: runId, run: null, graph: null });
        return { status: 202, body: run, headers: { Location: `/api/runs/${runId}` } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/runs/:id',
      tag: 'Runs',
      summary: 'Delete a finished run',
      auth: 'user',
      scope: 'write',
      place: { of: 'run', role: 'editor' },
      notFound: 'RUN_NOT_FOUND',
      params: runParams,
      audit: { action: 'run.delete', subject: 'run' },
      responses: { 204: { description: 'It is gone.' } },
      handler: async ({ scope, params }) => {
        const result = await deleteFinishedRun(db, scope, params.id);
        if (result === null) throw runNotFound(params.id);
        if (result === 'unfinished') {
          throw new TerminalError('RUN_NOT_FINISHED', `Run ${params.id} is still under way. Cancel it first.`);
        }
        return { status: 204 };
      },
    }),
  ];

  async function historyPage(scope: Scope, workflowId: number | null, query: z.output<typeof historyQuerySchema>) {
    const kind = timeCursor(workflowId === null ? 'runs' : `runs/${workflowId}`);
    const after = decodeCursor(kind, query.cursor);
    const status = query.status ?? null;
    return pageBody(kind, await listRuns(db, { scope, workflowId, status, limit: query.limit, after }));
  }
}
