import { versionQuerySchema } from '../../core/api/by-name.ts';
import { workflowCallersSchema, workflowContractSchema } from '../../core/api/calls.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { callContractOf } from '../../core/graph/calls.ts';
import { interfaceOf } from '../../core/interface/json-schema.ts';
import type { Scope } from '../../core/scope.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import { findWorkflow } from '../../db/workflows/find.ts';
import { listCallers } from '../../db/workflows/list-callers.ts';
import { publishedVersionNotFound } from '../../engine/runs/known-workflows.ts';
import { sha256 } from '../../engine/runs/plan-request.ts';
import { workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';
import { workflowParams } from './parameters.ts';

/** What a workflow is called with, and who calls it. */
export function callRoutes({ db, pool, catalogue }: ServerDependencies): AnyRoute[] {
  async function published(scope: Scope, id: number, version: number | 'live') {
    const found = await findRunnableGraph(pool, scope, id, version);
    if (found === null) throw workflowNotFound(id);
    return found;
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/contract',
      tag: 'Versions',
      summary: 'What a published version takes and gives, with the data types that handles of a call have',
      auth: 'user',
      place: { of: 'workflow', role: 'viewer' },
      scope: 'read',
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      query: versionQuerySchema,
      responses: { 200: { description: 'Its inputs and results.', schema: workflowContractSchema } },
      handler: async ({ scope, params: { id }, query }) => {
        const { name, published: version, data } = await published(scope, id, query.version ?? 'live');
        if (version === null) {
          throw new TerminalError('WORKFLOW_NOT_PUBLISHED', `Workflow ${id} was never published. Publish it first.`);
        }
        if (data === null) throw publishedVersionNotFound(id, version);
        const live = query.version === undefined ? version : (await published(scope, id, 'live')).published;
        return { status: 200, body: { workflowId: id, live, ...callContractOf({ name, version, data }, catalogue) } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/callers',
      tag: 'Versions',
      summary: 'Your workflows that call this one, and whether publishing its draft changes what they get',
      auth: 'user',
      place: { of: 'workflow', role: 'viewer' },
      scope: 'read',
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      responses: { 200: { description: 'The callers by name.', schema: workflowCallersSchema } },
      handler: async ({ scope, params: { id } }) => {
        const [draft, live] = await Promise.all([findWorkflow(db, scope, id), published(scope, id, 'live')]);
        if (draft === null) throw workflowNotFound(id);
        const hashOf = (data: typeof draft.data) => interfaceOf(data, catalogue, sha256).hash;
        const contractChanges =
          live.published !== null && live.data !== null && hashOf(draft.data) !== hashOf(live.data);
        return { status: 200, body: { items: await listCallers(pool, scope, id), contractChanges } };
      },
    }),
  ];
}
