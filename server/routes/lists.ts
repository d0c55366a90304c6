import { steeredListSchema, steerListBodySchema } from '../../core/api/parts.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { findRegionOfNode, isPartOf } from '../../db/regions/list-parts.ts';
import { findRun } from '../../db/runs/find.ts';
import { notRepeated, partNotFound, runNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';
import { runParams } from './parameters.ts';

/** Pause a list that a run goes through, go on with it, cancel it, or go through what failed of it again. */
export function listRoutes({ db, starter }: ServerDependencies): AnyRoute[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/runs/:id/lists',
      tag: 'Runs',
      summary:
        'Pause a list that a run goes through, continue it, cancel it, or retry its failed elements; the rest of the run goes on',
      auth: 'user',
      scope: 'run',
      place: { of: 'run', role: 'runner' },
      notFound: 'RUN_NOT_FOUND',
      params: runParams,
      body: steerListBodySchema,
      responses: { 200: { description: 'How far the list has come.', schema: steeredListSchema } },
      handler: async ({ scope, params: { id: runId }, body: { nodeId, partId = null, action, at } }) => {
        const run = await findRun(db, scope, runId);
        if (run === null) throw runNotFound(runId);
        if (partId !== null && !(await isPartOf(db, runId, partId))) throw partNotFound(runId, partId);
        const region = await findRegionOfNode(db, partId ?? runId, nodeId);
        if (region === null) throw notRepeated(runId, nodeId);
        const { executionId, driver } = region;
        const parts = await starter.steer({
          ...{ executionId, runId: partId ?? runId, wholeRunId: runId, action },
          ...{ actorId: scope.actorId, at: at ?? null },
        });
        if (parts === null) {
          throw new TerminalError(
            'LIST_NOT_RUNNING',
            `The node "${nodeId}" does not go through a list at the moment: it has not begun, or it is over. Read the run to see how far it has come.`,
          );
        }
        return { status: 200, body: { nodeId: driver, parts } };
      },
    }),
  ];
}
