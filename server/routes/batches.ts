import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import {
  batchEstimateSchema,
  batchExportQuerySchema,
  batchPageSchema,
  batchRowPageSchema,
  batchRowsQuerySchema,
  batchSchema,
  createBatchBodySchema,
  estimateBatchBodySchema,
  retryBatchBodySchema,
  type Batch,
} from '../../core/api/batches.ts';
import { pageQuerySchema } from '../../core/api/common.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { FindingsError } from '../../core/errors/findings-error.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { inputsOf } from '../../core/interface/inputs.ts';
import { recordedActor, type Scope } from '../../core/scope.ts';
import { cancelBatch, deleteBatch, pauseBatch, resumeBatch, retryBatchRows } from '../../db/batches/change.ts';
import { findBatch, findBatchGraph, listBatches, paceOfWorkflow } from '../../db/batches/find.ts';
import { insertBatch } from '../../db/batches/insert.ts';
import { findWorkflowGraph, hasWorkflow } from '../../db/workflows/find.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import { publishedVersionNotFound } from '../../engine/runs/known-workflows.ts';
import { decodeCursor, pageBody, rowCursor, timeCursor } from '../http/cursor.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../http/idempotency.ts';
import { batchNotFound, workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { defaultIdleMs, disposition, endIdle } from '../http/send-content.ts';
import { patience } from '../http/transfer-turns.ts';
import { batchJsonLimits } from '../limits/limits.ts';
import { checkRows } from './batches/check-rows.ts';
import { csvOf, withLists, zipOf } from './batches/export-rows.ts';
import { createRowReader } from './batches/read-rows.ts';
import type { ServerDependencies } from './deps.ts';
import { batchParams, workflowParams } from './parameters.ts';

/** More than anybody looks after; a script that makes a new one for each call is stopped. */
const maxBatchesPerUser = 200;
/** Writing ten thousand rows takes a second or two. */
const abandonedMs = 20_000;

/** Many runs of one workflow, each with values of its own. */
export function batchRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, pool, newId, now, catalogue, starter, once, turns, assets, lists, transfers } = deps;
  const reader = createRowReader(deps);

  /** The graph that rows are to run, and the number of the version that it is. */
  async function meantGraph(scope: Scope, id: number, version: z.output<typeof createBatchBodySchema>['version']) {
    if (version === 'draft') {
      const draft = await findWorkflowGraph(pool, scope, id);
      if (draft === null) throw workflowNotFound(id);
      return { data: JSON.parse(draft.data) as Graph, published: null };
    }
    const found = await findRunnableGraph(pool, scope, id, version);
    if (found === null) throw workflowNotFound(id);
    if (found.data === null) throw publishedVersionNotFound(id, Number(version));
    return { data: found.data, published: found.published };
  }

  async function requireBatch(scope: Scope, id: string): Promise<Batch> {
    const batch = await findBatch(pool, scope, id);
    if (batch === null) throw batchNotFound(id);
    return batch;
  }

  async function create(scope: Scope, workflowId: number, body: z.output<typeof createBatchBodySchema>, id: string) {
    const { rows, name = null, window: atOnce, version, useCache = null } = body;
    const { data, published } = await meantGraph(scope, workflowId, version);
    // A graph that cannot run is refused here and not ten thousand times later.
    await starter
      .plan({ id: workflowId, data }, { userId: scope.workspaceId, inputs: rows[0] })
      .catch((error: unknown) => {
        if (!(error instanceof FindingsError) || !error.code.startsWith('RUN_INPUT_')) throw error;
      });
    const findings = await checkRows(pool, scope, inputsOf(data, catalogue), rows);
    const [first] = findings;
    if (first !== undefined) throw new FindingsError('RUN_INPUT_INVALID', first.message, findings);
    const bytes = Buffer.byteLength(JSON.stringify(rows));
    const versionId = await starter.freeze({ id: workflowId, data }, scope.workspaceId, bytes);
    const stored = await insertBatch(
      db,
      {
        ...{ id, workflowId, versionId, published, name, atOnce, useCache, rows },
        userId: scope.workspaceId,
        createdBy: recordedActor(scope),
      },
      maxBatchesPerUser,
    );
    switch (stored) {
      case 'full':
        throw new TerminalError(
          'BATCH_LIMIT',
          `You have ${maxBatchesPerUser} batches, the most there may be. Delete one first.`,
        );
      case 'barred':
        throw new TerminalError('SCOPE_MISSING', 'Your account may not run anything, or no longer may. Ask an owner.');
      case 'missing':
        throw workflowNotFound(workflowId);
      case 'inserted':
        return;
    }
  }

  /** What every act on a batch answers: the batch as it is then. */
  async function after(scope: Scope, id: string, isDone: boolean, act: string): Promise<Batch> {
    const batch = await requireBatch(scope, id);
    if (isDone) return batch;
    throw new TerminalError(
      'BATCH_FINISHED',
      `Batch ${id} is ${batch.status}: there is nothing to ${act}. Start another one, or retry its rows.`,
    );
  }

  const acts = {
    pause: { summary: 'Begin no further row of a batch; what runs goes on', act: pauseBatch },
    resume: { summary: 'Go on with a batch that is paused', act: resumeBatch },
    cancel: { summary: 'End a batch: no further row begins, and what runs is canceled', act: cancelBatch },
  } as const;

  return [
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/batches',
      tag: 'Batches',
      summary: 'Run a workflow once for each of many rows',
      auth: 'user',
      scope: 'run',
      place: { of: 'workflow', role: 'runner' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      headers: idempotencyHeader,
      body: createBatchBodySchema,
      bodyLimits: batchJsonLimits,
      audit: { action: 'batch.create', subject: 'batch' },
      responses: { 202: { description: 'It is durable, and its rows begin.', schema: batchSchema } },
      handler: async ({ scope, params, body, request, signal }) => {
        const answer = await once.do(
          {
            key: idempotencyKeyOf(request),
            userId: scope.actorId,
            fingerprint: { route: 'batch', workflowId: params.id, body },
            signal,
            abandonedMs,
          },
          async (made = newId()) => {
            if ((await findBatch(pool, scope, made)) === null) await create(scope, params.id, body, made);
            return { status: 202, body: { id: made } };
          },
        );
        const { id } = answer.body as { readonly id: string };
        return {
          status: 202,
          body: await requireBatch(scope, id),
          headers: { Location: `/api/batches/${id}`, ...(answer.replayed ? { 'Idempotent-Replayed': 'true' } : {}) },
          audit: { id, details: { workflowId: params.id, rows: body.rows.length } },
        };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/batches/estimate',
      tag: 'Batches',
      summary: 'What a batch would cost and take, and what is wrong with its rows; nothing is kept',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: estimateBatchBodySchema,
      bodyLimits: batchJsonLimits,
      responses: { 200: { description: 'By the latest runs of the workflow.', schema: batchEstimateSchema } },
      handler: async ({ scope, params, body }) => {
        const { data } = await meantGraph(scope, params.id, body.version);
        const findings = await checkRows(pool, scope, inputsOf(data, catalogue), body.rows);
        const { runs, costUsd, seconds } = await paceOfWorkflow(pool, scope, params.id);
        const total = body.rows.length;
        const atOnce = Math.max(1, Math.min(body.window, turns.maxActivePerUser - 1, total));
        return {
          status: 200,
          body: {
            ...{ total, findings, basedOnRuns: runs },
            costUsd: costUsd === null ? null : costUsd * total,
            seconds: seconds === null ? null : (seconds * total) / atOnce,
          },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/batches',
      tag: 'Batches',
      summary: 'The batches of a workflow, newest first',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      query: pageQuerySchema,
      responses: { 200: { description: 'One page.', schema: batchPageSchema } },
      handler: async ({ scope, params, query: { limit, cursor } }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        const kind = timeCursor(`batches/${params.id}`);
        const page = await listBatches(pool, scope, params.id, { limit, after: decodeCursor(kind, cursor) });
        return { status: 200, body: pageBody(kind, page) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/batches/:id',
      tag: 'Batches',
      summary: 'How far a batch has come',
      auth: 'user',
      scope: 'read',
      place: { of: 'batch', role: 'viewer' },
      notFound: 'BATCH_NOT_FOUND',
      params: batchParams,
      responses: { 200: { description: 'The batch.', schema: batchSchema } },
      handler: async ({ scope, params }) => ({ status: 200, body: await requireBatch(scope, params.id) }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/batches/:id/rows',
      tag: 'Batches',
      summary: 'The rows of a batch in their order, with what came of them',
      auth: 'user',
      scope: 'read',
      place: { of: 'batch', role: 'viewer' },
      notFound: 'BATCH_NOT_FOUND',
      params: batchParams,
      query: batchRowsQuerySchema,
      responses: { 200: { description: 'One page.', schema: batchRowPageSchema } },
      handler: async ({ scope, params: { id }, query: { limit, cursor, status = null } }) => {
        const outputs = await reader.outputsOf(scope, id);
        const kind = rowCursor(id);
        const from = Number(decodeCursor(kind, cursor)?.value ?? 0);
        return { status: 200, body: pageBody(kind, await reader.page(id, outputs, { after: from, status, limit })) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/batches/:id/export',
      tag: 'Batches',
      summary: 'The results of a batch as a table, or as an archive with the files that it put out',
      auth: 'user',
      scope: 'read',
      place: { of: 'batch', role: 'viewer' },
      notFound: 'BATCH_NOT_FOUND',
      params: batchParams,
      query: batchExportQuerySchema,
      endsWithAccess: true,
      rate: 'files',
      audit: { action: 'batch.export', subject: 'batch' },
      responses: { 200: { description: 'The file.', contentType: 'text/csv' } },
      handler: async ({ scope, params: { id }, query: { format }, request, response, signal }) => {
        const { workflowId, versionId, name } = await requireGraph(scope, id);
        const graph = await reader.graphOf(workflowId, versionId);
        const outputs = reader.namesOf(graph);
        const table = {
          inputs: inputsOf(graph, catalogue).map(({ name: input }) => input),
          outputs: [...outputs.values()],
          // A list whose file is gone is what stands for it.
          rows: withLists(reader.all(id, outputs), (list) => lists.read(scope.workspaceId, list).catch(() => list)),
        };
        const leave = await transfers.downloads.enter({ owner: scope.actorId, signal, patience: patience() });
        try {
          const origin = reader.originOf(request);
          const bytes =
            format === 'csv'
              ? csvOf(table, ({ url }) => `${origin}${url}`)
              : zipOf(table, {
                  contentOf: (assetId) => reader.contentOf(assets, scope, assetId),
                  nameOf: (assetId) => reader.nameOf(assets, scope, assetId),
                  now,
                });
          response.status(200).set({
            'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/zip',
            'Content-Disposition': disposition(`${name ?? 'batch'} ${id.slice(-8)}.${format}`, true),
            'Cache-Control': 'no-store',
            'X-Content-Type-Options': 'nosniff',
          });
          await pipeline(Readable.from(bytes), endIdle(defaultIdleMs), response, { signal }).catch((error: unknown) => {
            if (!response.destroyed) throw error;
          });
        } finally {
          leave();
        }
        return 'sent';
      },
    }),
    ...Object.entries(acts).map(([name, { summary, act }]) =>
      defineRoute({
        method: 'post',
        path: `/api/batches/:id/${name}`,
        tag: 'Batches',
        summary,
        auth: 'user',
        scope: 'run',
        place: { of: 'batch', role: 'runner' },
        notFound: 'BATCH_NOT_FOUND',
        params: batchParams,
        ...(name === 'cancel' && { audit: { action: 'batch.cancel', subject: 'batch' } as const }),
        responses: { 200: { description: 'As it is now.', schema: batchSchema } },
        handler: async ({ scope, params: { id } }) => ({
          status: 200,
          body: await after(scope, id, await act(pool, scope, id), name),
        }),
      }),
    ),
    defineRoute({
      method: 'post',
      path: '/api/batches/:id/retry',
      tag: 'Batches',
      summary: 'Run the rows again that failed; each goes on from where its run failed',
      auth: 'user',
      scope: 'run',
      place: { of: 'batch', role: 'runner' },
      notFound: 'BATCH_NOT_FOUND',
      params: batchParams,
      body: retryBatchBodySchema,
      isBodyOptional: true,
      responses: { 200: { description: 'As it is now.', schema: batchSchema } },
      handler: async ({ scope, params: { id }, body }) => {
        const statuses = body.rows === 'failed' ? (['failed'] as const) : (['failed', 'cancelled'] as const);
        const count = await retryBatchRows(pool, scope, id, statuses);
        return { status: 200, body: await after(scope, id, count > 0, 'retry') };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/batches/:id',
      tag: 'Batches',
      summary: 'Delete a batch that is over; its runs stay',
      auth: 'user',
      scope: 'run',
      place: { of: 'batch', role: 'runner' },
      notFound: 'BATCH_NOT_FOUND',
      params: batchParams,
      audit: { action: 'batch.delete', subject: 'batch' },
      responses: { 204: { description: 'It is gone.' } },
      handler: async ({ scope, params: { id } }) => {
        const deleted = await deleteBatch(pool, scope, id);
        if (deleted !== undefined) return { status: 204, audit: { name: deleted.name ?? '' } };
        await requireBatch(scope, id);
        throw new TerminalError(
          'BATCH_NOT_FINISHED',
          `Rows of batch ${id} are still under way. Cancel it, or wait for its end.`,
        );
      },
    }),
  ];

  async function requireGraph(scope: Scope, id: string) {
    const found = await findBatchGraph(pool, scope, id);
    if (found === null) throw batchNotFound(id);
    return found;
  }
}
