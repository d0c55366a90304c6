import type { Request } from 'express';
import type { z } from 'zod';
import { meansDraft, type RunSummary } from '../../core/api/runs.ts';
import { startedRunsSchema, startRunsBodySchema, type startedRunSchema } from '../../core/api/start-runs.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { findRun } from '../../db/runs/find.ts';
import { hasWorkflow } from '../../db/workflows/find.ts';
import { toldProblem } from '../http/answer.ts';
import { runNotFound, workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';
import { workflowParams } from './parameters.ts';
import { startOnce, type OneStart } from './start-once.ts';

/** What a start of a large graph takes in memory until it is written is bounded by this; small ones still go in large groups. */
const startsAtOnce = 64;

type Item = z.output<typeof startedRunSchema>;

/** Start many runs of one workflow with one request. */
export function startRunsRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, logger } = deps;

  async function summaryOf(start: OneStart): Promise<{ readonly run: RunSummary; readonly replayed: boolean }> {
    const { id, run: inserted, replayed } = await startOnce(deps, start);
    if (inserted !== null) {
      const { nodeExecutions: _left, ...run } = inserted;
      return { run, replayed };
    }
    const run = await findRun(db, start.scope, id);
    if (run === null) throw runNotFound(id);
    return { run, replayed };
  }

  async function itemOf(request: Request, start: OneStart): Promise<Item> {
    try {
      return { ...(await summaryOf(start)), problem: null, retryAfter: null };
    } catch (error) {
      // Nobody is there any more to be told of it.
      start.signal.throwIfAborted();
      const { problem, headers } = toldProblem(request, error, { logger });
      const seconds = headers['Retry-After'];
      return { run: null, replayed: false, problem, retryAfter: seconds === undefined ? null : Number(seconds) };
    }
  }

  return [
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/runs',
      tag: 'Runs',
      summary: 'Run a workflow many times; each start is told of on its own',
      auth: 'user',
      scope: 'run',
      place: { of: 'workflow', role: 'runner' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      endsWithAccess: true,
      body: startRunsBodySchema,
      responses: {
        202: { description: 'All of them are durable, in the order of the starts.', schema: startedRunsSchema },
        207: {
          description: 'Not all of them were started: those with a run are durable, the others say why they are not.',
          schema: startedRunsSchema,
        },
      },
      handler: async ({ principal, scope, params, body, request, signal }) => {
        if (request.get('Idempotency-Key') !== undefined) {
          throw new TerminalError(
            'REQUEST_INVALID',
            'The header Idempotency-Key is for a single start. Give each of these its own idempotencyKey.',
          );
        }
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        const starts = body.runs.map(({ idempotencyKey: key = null, ...fields }) => ({
          ...{ principal, scope, signal, key },
          workflowId: params.id,
          published: meansDraft(fields) ? undefined : ('live' as const),
          body: fields,
        }));
        const items = await mapInOrder(starts, startsAtOnce, async (start) => {
          signal.throwIfAborted();
          return itemOf(request, start);
        });
        return { status: items.every(({ run }) => run !== null) ? 202 : 207, body: { items } };
      },
    }),
  ];
}

/** What `work` makes of each item, so many at once, begun in their order. */
async function mapInOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
