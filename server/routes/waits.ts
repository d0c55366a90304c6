import type { Request } from 'express';
import { z } from 'zod';
import { pageQuerySchema } from '../../core/api/common.ts';
import { answerWaitBodySchema, waitPageSchema, waitSchema, type Wait } from '../../core/api/waits.ts';
import { allows, type Scope } from '../../core/scope.ts';
import { countOpenWaits, listWaits } from '../../db/waits/list.ts';
import { findWait } from '../../db/waits/find.ts';
import type { FoundWait } from '../../db/waits/rows.ts';
import { shownNameOf, type Principal } from '../auth/principal.ts';
import { decodeCursor, pageBody, timeCursor } from '../http/cursor.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../http/idempotency.ts';
import { waitNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { appUrlOf } from '../request/app-url.ts';
import type { ServerDependencies } from './deps.ts';
import { waitParams } from './parameters.ts';
import { createAnswerLinks } from './waits/answer-links.ts';
import { answerWait } from './waits/answer-wait.ts';

const listQuerySchema = pageQuerySchema.extend({
  status: z.enum(['open', 'resolved']).default('open'),
  /** Those of one run, its parts included. */
  runId: z.uuid().optional(),
  /** Those of one node, by its id in the graph. */
  nodeId: z.string().min(1).max(255).optional(),
});

/** An answer takes milliseconds, and no statement of it more than 15 s. */
const abandonedMs = 20_000;

/** What people are asked by runs, and their answers. */
export function waitRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, once, settings } = deps;
  const links = createAnswerLinks(deps);

  /** Questions as whoever asks sees them: their addresses are for those who may answer. */
  async function shown(
    { scope, principal, request }: { scope: Scope; principal: Principal; request: Request },
    found: readonly FoundWait[],
  ): Promise<Wait[]> {
    const mayAnswer = allows(scope.role, 'runner') && principal.scopes.includes('run');
    const urls = mayAnswer ? await links.issue(found, appUrlOf(request, settings)) : null;
    return found.map(({ wait }) => {
      const answerUrl = urls?.get(wait.id);
      return answerUrl === undefined ? wait : { ...wait, answerUrl };
    });
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/waits',
      tag: 'Waits',
      summary: 'What runs wait for: questions to people, open or resolved',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      query: listQuerySchema,
      responses: { 200: { description: 'One page.', schema: waitPageSchema } },
      handler: async ({ scope, principal, request, query }) => {
        const { status, runId = null, nodeId = null, limit } = query;
        const kind = timeCursor(`waits/${status}`);
        const after = decodeCursor(kind, query.cursor);
        const [page, open] = await Promise.all([
          listWaits(db, { scope, status, runId, nodeId, limit, after }),
          countOpenWaits(db, scope),
        ]);
        const items = await shown({ scope, principal, request }, page.items);
        return { status: 200, body: { ...pageBody(kind, { ...page, items }), open } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/waits/:id',
      tag: 'Waits',
      summary: 'Read a question',
      auth: 'user',
      scope: 'read',
      place: { of: 'wait', role: 'viewer' },
      notFound: 'WAIT_NOT_FOUND',
      params: waitParams,
      responses: { 200: { description: 'The question.', schema: waitSchema } },
      handler: async ({ scope, principal, request, params }) => {
        const found = await findWait(db, scope, params.id);
        if (found === null) throw waitNotFound(params.id);
        const [wait] = await shown({ scope, principal, request }, [found]);
        return { status: 200, body: wait! };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/waits/:id',
      tag: 'Waits',
      summary: 'Answer a question: the first answer counts, later ones are refused with 409',
      auth: 'user',
      scope: 'run',
      place: { of: 'wait', role: 'runner' },
      notFound: 'WAIT_NOT_FOUND',
      params: waitParams,
      headers: idempotencyHeader,
      body: answerWaitBodySchema,
      audit: { action: 'wait.answer', subject: 'wait' },
      responses: { 200: { description: 'The question with its answer.', schema: waitSchema } },
      handler: async ({ principal, scope, params, body, request, signal }) => {
        const { action, values = {}, indices = [] } = body;
        const fingerprint = { route: 'wait', id: params.id, body };
        const answer = await once.do(
          { key: idempotencyKeyOf(request), userId: scope.actorId, fingerprint, signal, abandonedMs },
          async (_subjectId, isInherited) => {
            const before = isInherited ? await findWait(db, scope, params.id) : null;
            // The request that broke off may have been this answer.
            const isDone = before?.resolution?.action === action && before.wait.resolvedBy === shownNameOf(principal);
            const { wait } = isDone
              ? before
              : await answerWait(deps, { scope, email: shownNameOf(principal), link: null }, params.id, {
                  action,
                  values,
                  indices,
                });
            return { status: 200, body: { id: wait.id } };
          },
        );
        const found = await findWait(db, scope, params.id);
        if (found === null) throw waitNotFound(params.id);
        return {
          status: 200,
          body: found.wait,
          ...(answer.replayed && { headers: { 'Idempotent-Replayed': 'true' } }),
          audit: {
            id: found.wait.id,
            name: `${found.wait.workflowName}: ${found.wait.nodeLabel ?? found.wait.nodeId}`,
            details: { action, runId: found.wait.runId },
          },
        };
      },
    }),
  ];
}
