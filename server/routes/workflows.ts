import { z } from 'zod';
import { pageQuerySchema } from '../../core/api/common.ts';
import {
  createWorkflowBodySchema,
  updateWorkflowBodySchema,
  workflowInterfaceSchema,
  workflowPageSchema,
  workflowSchema,
  type Workflow,
} from '../../core/api/workflows.ts';
import type { Scope } from '../../core/scope.ts';
import { deleteWorkflow } from '../../db/workflows/delete.ts';
import { findWorkflow } from '../../db/workflows/find.ts';
import { insertWorkflow } from '../../db/workflows/insert.ts';
import { listActiveRunIds } from '../../db/runs/list-active.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import { listWorkflows } from '../../db/workflows/list.ts';
import { updateWorkflow, type WorkflowChange } from '../../db/workflows/update.ts';
import { changeWithinDataQuota } from '../../db/user-data/change-within-quota.ts';
import { interfaceOf } from '../../core/interface/json-schema.ts';
import { sha256 } from '../../engine/runs/plan-request.ts';
import { dataQuotaFull } from '../../engine/runs/data-quota.ts';
import type { ApiFinding } from '../../core/api/common.ts';
import type { ServerDependencies } from './deps.ts';
import { checkGraph, draftFindings } from '../graphs/check-graph.ts';
import { versionConflict } from '../../engine/runs/known-workflows.ts';
import { decodeCursor, pageBody, workflowCursor } from '../http/cursor.ts';
import { workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { workflowParams } from './parameters.ts';

const listQuerySchema = pageQuerySchema.extend({
  /** Part of a name, or of a text in a node: its name, a prompt. */
  search: z.string().trim().max(255).optional(),
  sort: z.enum(['updatedAt', 'name']).default('updatedAt'),
});

const interfaceQuerySchema = z.strictObject({
  /** `1`: of the draft. Default: of the published version that is live, where one is. */
  draft: z.enum(['0', '1']).default('0'),
});

/** List, create, read, change and delete workflows. */
export function workflowRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, catalogue, limits, notices } = deps;

  const rules = { catalogue, graphLimits: limits.graph, addresses: deps.addresses };

  /** A change of the graph has to fit; a new name always does. Null where there is no such workflow at that revision. */
  async function changeWithin(change: WorkflowChange): Promise<Workflow | null> {
    if (change.data === undefined) return updateWorkflow(db, change);
    const userId = change.scope.workspaceId;
    const quota = limits.data;
    const changed = await changeWithinDataQuota(db, { userId, quota }, async (transaction) => ({
      workflow: await updateWorkflow(transaction, change),
    }));
    if (changed === null) throw dataQuotaFull(quota);
    return changed.workflow;
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/workflows',
      tag: 'Workflows',
      summary: 'List your workflows',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      query: listQuerySchema,
      responses: { 200: { description: 'One page.', schema: workflowPageSchema } },
      handler: async ({ scope, query }) => {
        const kind = workflowCursor(query.sort);
        const page = await listWorkflows(db, {
          scope,
          limit: query.limit,
          after: decodeCursor(kind, query.cursor),
          sort: query.sort,
          search: query.search === undefined || query.search === '' ? null : query.search,
        });
        return { status: 200, body: pageBody(kind, page) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows',
      tag: 'Workflows',
      summary: 'Create a workflow',
      auth: 'user',
      scope: 'write',
      place: { of: 'workspace', role: 'editor' },
      body: createWorkflowBodySchema,
      responses: { 201: { description: 'The new workflow.', schema: workflowSchema } },
      handler: async ({ scope, body }) => {
        const { name, data, draft } = body;
        const findings = checkGraph(data, rules, draft);
        deps.disk.requireRoom();
        const quota = limits.data;
        const workflow = await changeWithinDataQuota(db, { userId: scope.workspaceId, quota }, (transaction) =>
          insertWorkflow(transaction, { scope, name, data }),
        );
        if (workflow === null) throw dataQuotaFull(quota);
        return {
          status: 201,
          body: shownTo(scope, workflow, findings),
          headers: { Location: `/api/workflows/${workflow.id}` },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id',
      tag: 'Workflows',
      summary: 'Read a workflow',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      responses: { 200: { description: 'The workflow.', schema: workflowSchema } },
      handler: async ({ scope, params }) => {
        const workflow = await findWorkflow(db, scope, params.id);
        if (workflow === null) throw workflowNotFound(params.id);
        return { status: 200, body: shownTo(scope, workflow, draftFindings(workflow.data, rules)) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/interface',
      tag: 'Workflows',
      summary: 'What a workflow takes and gives by name, as JSON schemas',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      query: interfaceQuerySchema,
      responses: { 200: { description: 'Its inputs and outputs.', schema: workflowInterfaceSchema } },
      handler: async ({ scope, params, query }) => {
        const data =
          query.draft === '1'
            ? (await findWorkflow(db, scope, params.id))?.data
            : (await findRunnableGraph(deps.pool, scope, params.id, 'live'))?.data;
        if (data === undefined || data === null) throw workflowNotFound(params.id);
        return { status: 200, body: { ...interfaceOf(data, deps.catalogue, sha256) } };
      },
    }),
    defineRoute({
      method: 'put',
      path: '/api/workflows/:id',
      tag: 'Workflows',
      summary: 'Change a workflow',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: updateWorkflowBodySchema,
      responses: { 200: { description: 'The workflow as it is now.', schema: workflowSchema } },
      handler: async ({ scope, params, body }) => {
        const { name, data, version, draft } = body;
        const findings = data === undefined ? [] : checkGraph(data, rules, draft);
        const change = { scope, id: params.id, name, data, revision: version };
        if (data !== undefined) deps.disk.requireRoom();
        const workflow = await changeWithin(change);
        if (workflow !== null) {
          void notices.publish([{ kind: 'workflow', workflowId: params.id, version: workflow.version }]);
          return { status: 200, body: shownTo(scope, workflow, findings) };
        }
        const current = await findWorkflow(db, scope, params.id);
        if (current === null) throw workflowNotFound(params.id);
        throw versionConflict(params.id, current.version, version);
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/workflows/:id',
      tag: 'Workflows',
      summary: 'Delete a workflow with its runs',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      audit: { action: 'workflow.delete', subject: 'workflow' },
      responses: { 204: { description: 'It is gone.' } },
      handler: async ({ scope, params }) => {
        // Stops what workers do for it; the rows go right after.
        for (const runId of await listActiveRunIds(db, scope, params.id)) await deps.starter.cancel(runId);
        const name = await deleteWorkflow(db, scope, params.id);
        if (name === null) throw workflowNotFound(params.id);
        return { status: 204, audit: { name } };
      },
    }),
  ];
}

function shownTo({ role }: Scope, workflow: Workflow, findings: ApiFinding[]): Workflow {
  return { ...workflow, role, ...(findings.length > 0 && { findings }) };
}
