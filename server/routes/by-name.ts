import {
  contractDocumentSchema,
  namedWorkflowSchema,
  runByNameBodySchema,
  runByNameQuerySchema,
  versionQuerySchema,
} from '../../core/api/by-name.ts';
import { runDetailSchema } from '../../core/api/runs.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { contractDocument } from '../../core/interface/contract.ts';
import { inputsOf } from '../../core/interface/inputs.ts';
import { outputsOf } from '../../core/interface/outputs.ts';
import { interfaceOf } from '../../core/interface/json-schema.ts';
import { recordedActor, type InWorkspace } from '../../core/scope.ts';
import { findRunnableGraph, findWorkflowOfSlug } from '../../db/workflows/find-published.ts';
import { publishedVersionNotFound } from '../../engine/runs/known-workflows.ts';
import { sha256 } from '../../engine/runs/plan-request.ts';
import { readForm } from '../http/form.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../http/idempotency.ts';
import { parseJson } from '../http/json-body.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { patience } from '../http/transfer-turns.ts';
import { jsonLimits } from '../limits/limits.ts';
import { createFormInputs } from '../runs/form-inputs.ts';
import { wantsEvents } from '../runs/run-streams.ts';
import { waitForRun } from '../runs/wait-for-run.ts';
import type { ServerDependencies } from './deps.ts';
import { slugParams } from './parameters.ts';
import { startedDetail, startOnce } from './start-once.ts';
import { streamOf } from './stream-of.ts';

/** Run published workflows by their name in addresses, and read what they take and give. */
export function byNameRoutes(
  deps: ServerDependencies,
  /** The schemas of the document of the whole installation. */
  schemas: () => Readonly<Record<string, unknown>>,
): AnyRoute[] {
  const { pool, catalogue, streams, runDetails, assets, settings, transfers } = deps;

  async function published(scope: InWorkspace, slug: string, version: number | undefined) {
    const found = await findRunnableGraph(pool, scope, slug, version ?? 'live');
    if (found === null || found.published === null) throw slugNotFound(slug);
    const { data, published: number, workflowId, name } = found;
    if (data === null) throw publishedVersionNotFound(workflowId, number);
    return { data, version: number, workflowId, name };
  }

  const interfaceOfGraph = (data: Graph) => interfaceOf(data, catalogue, sha256);

  return [
    defineRoute({
      method: 'post',
      path: '/api/w/:slug/run',
      tag: 'By name',
      summary:
        'Run a published workflow; with "Accept: text/event-stream" the run, its events and its end come as they happen',
      auth: 'user',
      scope: 'run',
      place: { of: 'slug', role: 'runner' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: slugParams,
      query: runByNameQuerySchema,
      endsWithAccess: true,
      headers: idempotencyHeader,
      body: runByNameBodySchema,
      isBodyOptional: true,
      readForm: async ({ params, query, scope, request, signal }) => {
        const { data } = await published(scope, params.slug, query.version);
        const leave = await transfers.uploads.enter({ owner: scope.actorId, signal, patience: patience() });
        const form = createFormInputs({
          inputs: inputsOf(data, catalogue),
          assets,
          userId: scope.workspaceId,
          uploadedBy: recordedActor(scope),
          signal,
          parse: (text) => parseJson(Buffer.from(text), jsonLimits),
        });
        try {
          await readForm(request, form);
          signal.throwIfAborted();
          return { inputs: await form.take() };
        } finally {
          await form.dispose();
          leave();
        }
      },
      responses: {
        200: {
          description:
            'With "Accept: text/event-stream": `run` (the run), its events by their types with their seq as id, `done` (the run at its end), or `error` (a problem).',
          contentType: 'text/event-stream',
        },
        202: { description: 'The run; with `wait` as it was when it ended.', schema: runDetailSchema },
      },
      handler: async ({ principal, scope, params, query, body, request, response, signal }) => {
        const workflowId = await findWorkflowOfSlug(pool, scope, params.slug);
        if (workflowId === null) throw slugNotFound(params.slug);
        const isStream = wantsEvents(request);
        const leave = isStream ? streams.claim(scope.actorId) : () => {};
        try {
          const key = idempotencyKeyOf(request);
          const version = query.version ?? 'live';
          const started = await startOnce(deps, {
            principal,
            scope,
            workflowId,
            published: version,
            body,
            key,
            signal,
          });
          const { id: runId, replayed } = started;
          if (isStream) {
            const run = await startedDetail(runDetails, scope, started);
            await streams.pipe({
              ...streamOf(deps, request),
              response,
              signal,
              scope,
              run,
              first: run,
              afterSeq: run.seq,
            });
            return 'sent';
          }
          if (query.wait > 0) await waitForRun(deps, { scope, runId, timeoutMs: query.wait * 1_000, signal });
          signal.throwIfAborted();
          const fresh = query.wait > 0 ? { ...started, run: null } : started;
          return {
            status: 202,
            body: await startedDetail(runDetails, scope, fresh),
            headers: { Location: `/api/runs/${runId}`, ...(replayed ? { 'Idempotent-Replayed': 'true' } : {}) },
          };
        } finally {
          leave();
        }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/w/:slug',
      tag: 'By name',
      summary: 'What a published workflow is called, takes and gives',
      auth: 'user',
      scope: 'read',
      place: { of: 'slug', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: slugParams,
      query: versionQuerySchema,
      responses: { 200: { description: 'It, without its graph.', schema: namedWorkflowSchema } },
      handler: async ({ scope, params: { slug }, query }) => {
        const { data, version, workflowId, name } = await published(scope, slug, query.version);
        const results = outputsOf(data, catalogue).map(({ name: result, nodeId }) => ({
          name: result,
          nodeId,
          from: data.edges.find(({ target }) => target === nodeId)?.source ?? null,
        }));
        return {
          status: 200,
          body: {
            slug,
            name,
            workflowId,
            workspaceId: scope.workspaceId,
            role: scope.role,
            version,
            results,
            ...interfaceOfGraph(data),
          },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/w/:slug/openapi.json',
      tag: 'By name',
      summary: 'The contract of one published workflow: OpenAPI 3.1',
      auth: 'user',
      scope: 'read',
      place: { of: 'slug', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: slugParams,
      query: versionQuerySchema,
      responses: { 200: { description: 'The document.', schema: contractDocumentSchema } },
      handler: async ({ scope, params: { slug }, query }) => {
        const { data, version, name } = await published(scope, slug, query.version);
        const server = settings.publicUrl ?? (settings.basePath || '/');
        const contract = interfaceOfGraph(data);
        const body = contractDocument({ name, slug, version, contract, server, schemas: schemas() });
        return { status: 200, body: { openapi: '3.1.0', ...body } };
      },
    }),
  ];
}

/** The same answer for a name that leads nowhere and for somebody else's. */
function slugNotFound(slug: string): TerminalError {
  return new TerminalError(
    'WORKFLOW_NOT_FOUND',
    `There is no published workflow "${slug}". Check its name in the app, or publish it.`,
  );
}
