import { packBodySchema, packedSchema, unpackBodySchema, unpackedSchema } from '../../core/api/pack.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { callContractOf, callsIn } from '../../core/graph/calls.ts';
import { refuseFindings } from '../../core/graph/findings.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { packSelection } from '../../core/graph/pack.ts';
import { unpackCall } from '../../core/graph/unpack.ts';
import type { Scope } from '../../core/scope.ts';
import { changeWithinDataQuota } from '../../db/user-data/change-within-quota.ts';
import { deleteWorkflow } from '../../db/workflows/delete.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import { hasWorkflow } from '../../db/workflows/find.ts';
import { insertWorkflow } from '../../db/workflows/insert.ts';
import { dataQuotaFull } from '../../engine/runs/data-quota.ts';
import { publishedVersionNotFound } from '../../engine/runs/known-workflows.ts';
import { checkGraph } from '../graphs/check-graph.ts';
import { createVersions } from '../graphs/versions.ts';
import { workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';
import { workflowParams } from './parameters.ts';

/** Makes a workflow of a selection, and puts what a node calls in its place. Neither changes the draft: the graph comes back. */
export function packRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, pool, catalogue, limits, audit } = deps;
  const rules = { catalogue, graphLimits: limits.graph, addresses: deps.addresses };
  const versions = createVersions(deps);

  /** A new workflow, published. Where it cannot run nothing is left of it. */
  async function createPublished(scope: Scope, name: string, data: Graph) {
    checkGraph(data, rules, true);
    deps.disk.requireRoom();
    const quota = limits.data;
    const workflow = await changeWithinDataQuota(db, { userId: scope.workspaceId, quota }, (transaction) =>
      insertWorkflow(transaction, { scope, name, data }),
    );
    if (workflow === null) throw dataQuotaFull(quota);
    try {
      const { published } = await versions.publish(scope, workflow.id, {});
      return { id: workflow.id, version: published.version };
    } catch (error) {
      await deleteWorkflow(db, scope, workflow.id);
      throw error;
    }
  }

  return [
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/pack',
      tag: 'Versions',
      summary: 'Make a workflow of some nodes, and get the graph with a node that calls it in their place',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: packBodySchema,
      responses: { 201: { description: 'The new workflow, and the graph that calls it.', schema: packedSchema } },
      handler: async ({ principal, scope, params, body: { data, nodeIds, name }, request }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        checkGraph(data, rules, true);
        const packed = packSelection({ graph: data, catalogue, nodeIds, name });
        if (!('inner' in packed)) {
          refuseFindings(packed);
          throw new Error('Findings that say why the selection cannot be packed.');
        }
        const { id, version } = await createPublished(scope, name, packed.inner);
        await audit.record({
          ...{ action: 'workflow.publish', actor: principal, request, details: { version } },
          subject: { type: 'workflow', id: String(id), name },
          ...(scope.workspaceId !== principal.userId && { workspaceId: scope.workspaceId }),
        });
        const contract = callContractOf({ name, version, data: packed.inner }, catalogue);
        return {
          status: 201,
          body: { workflowId: id, version, data: packed.replaced({ workflowId: id, contract }) },
          headers: { Location: `/api/workflows/${id}` },
        };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/unpack',
      tag: 'Versions',
      summary: 'Get the graph with the nodes of a called workflow in place of the node that calls it',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: unpackBodySchema,
      responses: { 200: { description: 'The graph.', schema: unpackedSchema } },
      handler: async ({ scope, params, body: { data, nodeId } }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        checkGraph(data, rules, true);
        const call = callsIn(data, catalogue).find(({ node }) => node.id === nodeId);
        if (call === undefined) {
          throw new TerminalError(
            'SELECTION_INVALID',
            `The node "${nodeId}" does not call a workflow that could take its place. Choose a node that calls one.`,
          );
        }
        const { workflowId, version } = call.called;
        const found = await findRunnableGraph(pool, scope, workflowId, version);
        if (found === null) throw workflowNotFound(workflowId);
        if (found.published === null) {
          throw new TerminalError(
            'WORKFLOW_NOT_PUBLISHED',
            `Workflow ${workflowId} was never published. Publish it first.`,
          );
        }
        if (found.data === null) throw publishedVersionNotFound(workflowId, found.published);
        const unpacked = unpackCall({ graph: data, catalogue, nodeId, called: found.data });
        if (!('nodes' in unpacked)) {
          refuseFindings(unpacked);
          throw new Error('Findings that say why the call cannot be unpacked.');
        }
        // More nodes than a graph may have are no graph any more.
        checkGraph(unpacked, rules, true);
        return { status: 200, body: { data: unpacked } };
      },
    }),
  ];
}
