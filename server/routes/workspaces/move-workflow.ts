import { movedWorkflowSchema, moveWorkflowBodySchema } from '../../../core/api/workspaces.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { hashedGraph } from '../../../engine/runs/known-workflows.ts';
import { hasWorkflow } from '../../../db/workflows/find.ts';
import { moveWorkflow } from '../../../db/assets/move-workflow.ts';
import { requireRole, scopeOf } from '../../auth/scope-of.ts';
import { workflowNotFound } from '../../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../../http/route.ts';
import type { ServerDependencies } from '../deps.ts';
import { workflowParams } from '../parameters.ts';

/** Takes a workflow to another workspace, and says what came along. */
export function moveWorkflowRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, pool, limits, newId, audit } = deps;
  return [
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/move',
      tag: 'Workflows',
      summary: 'Move a workflow to another workspace, with its files, versions, triggers, links, callbacks and budgets',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: moveWorkflowBodySchema,
      audit: { action: 'workflow.move', subject: 'workflow' },
      responses: { 200: { description: 'What came along, and what stays.', schema: movedWorkflowSchema } },
      handler: async ({ principal, scope, params: { id }, body: { workspaceId }, request }) => {
        if (!(await hasWorkflow(db, scope, id))) throw workflowNotFound(id);
        const there = await scopeOf(pool, principal, { of: 'workspace', id: workspaceId });
        requireRole(there, 'editor');
        if (workspaceId === scope.workspaceId) {
          throw new TerminalError('REQUEST_INVALID', 'The workflow is in this workspace already. Choose another one.');
        }
        deps.disk.requireRoom();
        const moved = await moveWorkflow(db, {
          id,
          from: scope.workspaceId,
          to: workspaceId,
          actorId: principal.userId,
          storage: limits.storage,
          data: limits.data,
          newId,
          hashOf: (graph) => hashedGraph(id, graph).contentHash,
        });
        if (moved.kind !== 'moved') throw notMoved(moved.kind, id);
        void deps.notices.publish([{ kind: 'moved', workflowId: id }]);
        const { name, files, triggers, links, callbacks, budgets, runs, secrets } = moved;
        const details = { from: scope.workspaceId, to: workspaceId, files, triggers, links };
        // Each team reads of it in its own log.
        const [first, second] = [scope.workspaceId, workspaceId].filter((place) => place !== principal.userId);
        if (second !== undefined) {
          const subject = { type: 'workflow', id: String(id), name };
          await audit.record({
            ...{ action: 'workflow.move', actor: principal, subject, details, request },
            workspaceId: second,
          });
        }
        return {
          status: 200,
          body: {
            workspaceId,
            moved: { files, triggers, links, callbacks, budgets },
            stays: { runs, secrets: [...secrets] },
          },
          audit: { name, details, ...(first !== undefined && { workspaceId: first }) },
        };
      },
    }),
  ];
}

function notMoved(kind: 'missing' | 'busy' | 'telling' | 'files full' | 'data full', id: number): TerminalError {
  switch (kind) {
    case 'missing':
      return workflowNotFound(id);
    case 'busy':
      return new TerminalError(
        'RUN_NOT_FINISHED',
        'Runs or batches of the workflow are not over yet. Wait for them or cancel them, and move it then.',
      );
    case 'telling':
      return new TerminalError(
        'RUN_NOT_FINISHED',
        'The callbacks of the workflow have not been told of its last runs yet. Try again in a moment, or turn them off first.',
      );
    case 'files full':
      return new TerminalError(
        'STORAGE_FULL',
        'The other workspace has no room for the files of the workflow. Delete files there first.',
      );
    case 'data full':
      return new TerminalError(
        'DATA_QUOTA_FULL',
        'The other workspace has no room for the workflow. Delete workflows or runs there first.',
      );
  }
}
