import {
  changeTriggerBodySchema,
  createTriggerBodySchema,
  previewScheduleBodySchema,
  previewScheduleSchema,
  triggerFiresQuerySchema,
  triggerFiresSchema,
  triggerListSchema,
  triggerSchema,
} from '../../core/api/triggers.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { changeTrigger, deleteTrigger } from '../../db/triggers/change.ts';
import { findTrigger, listTriggers } from '../../db/triggers/find.ts';
import { insertTrigger } from '../../db/triggers/insert.ts';
import { listFires } from '../../db/triggers/list-fires.ts';
import { hasWorkflow } from '../../db/workflows/find.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import type { Scope } from '../../core/scope.ts';
import { publishedVersionNotFound } from '../../engine/runs/known-workflows.ts';
import { withInputs } from '../../engine/runs/with-inputs.ts';
import { canonicalZone, readSchedule } from '../../engine/triggers/schedule.ts';
import { isEvery } from '../../core/triggers/every.ts';
import { triggerNotFound, workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';
import { triggerParams, workflowParams } from './parameters.ts';
import { changedSchedule, newSchedule, nextOf, shownTrigger } from './triggers/schedules.ts';

/** More than anybody looks after; a script that makes a new one for each call is stopped. */
const maxTriggersPerUser = 200;

/** What starts a workflow by itself, and what came of it. */
export function triggerRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, pool, newId, now, catalogue, limits, addresses, settings } = deps;
  const rules = { catalogue, graphLimits: limits.graph, addresses, nodeTimeoutMs: settings.nodeTimeoutMs };

  /** Refuses a version that is not there, and values that a run of it would be refused for. */
  async function requireInputs(
    scope: Scope,
    workflowId: number,
    inputs: Record<string, unknown>,
    version: number | 'live',
  ): Promise<void> {
    const found = await findRunnableGraph(pool, scope, workflowId, version);
    if (found === null) throw workflowNotFound(workflowId);
    if (found.data === null) throw publishedVersionNotFound(workflowId, Number(version));
    await withInputs(pool, rules, { data: found.data }, { userId: scope.workspaceId, inputs });
  }

  async function requireTrigger(scope: Scope, id: string) {
    const trigger = await findTrigger(pool, scope, id);
    if (trigger === null) throw triggerNotFound(id);
    return trigger;
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/triggers',
      tag: 'Triggers',
      summary: 'List what starts a workflow by itself',
      auth: 'user',
      scope: 'read',
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      responses: { 200: { description: 'The oldest first.', schema: triggerListSchema } },
      handler: async ({ scope, params }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        const items = await listTriggers(pool, scope, params.id);
        return { status: 200, body: { items: items.map((trigger) => shownTrigger(trigger)) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/triggers',
      tag: 'Triggers',
      summary: 'Start a workflow by a schedule',
      auth: 'user',
      scope: 'write',
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: createTriggerBodySchema,
      audit: { action: 'trigger.create', subject: 'trigger' },
      responses: { 201: { description: 'The new trigger.', schema: triggerSchema } },
      handler: async ({ scope, params, body }) => {
        const { name = null, enabled, inputs } = body;
        const made = newSchedule(body, now());
        await requireInputs(scope, params.id, inputs, body.version);
        const stored = await insertTrigger(
          db,
          {
            id: newId(),
            workflowId: params.id,
            userId: scope.workspaceId,
            kind: body.kind,
            name,
            enabled,
            inputs,
            settings: made.settings,
            nextAt: enabled ? made.nextAt : null,
            tokenHash: null,
            sealed: null,
          },
          maxTriggersPerUser,
        );
        switch (stored) {
          case 'full':
            throw new TerminalError(
              'TRIGGER_LIMIT',
              `You have ${maxTriggersPerUser} triggers, the most there may be. Delete one first.`,
            );
          case 'barred':
            throw barred();
          case 'missing':
            throw workflowNotFound(params.id);
        }
        return {
          status: 201,
          body: shownTrigger(stored),
          headers: { Location: `/api/triggers/${stored.id}` },
          audit: { id: stored.id, details: { workflowId: params.id, kind: body.kind } },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/triggers/:id',
      tag: 'Triggers',
      summary: 'Read a trigger',
      auth: 'user',
      scope: 'read',
      notFound: 'TRIGGER_NOT_FOUND',
      params: triggerParams,
      responses: { 200: { description: 'The trigger.', schema: triggerSchema } },
      handler: async ({ scope, params }) => ({
        status: 200,
        body: shownTrigger(await requireTrigger(scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'patch',
      path: '/api/triggers/:id',
      tag: 'Triggers',
      summary: 'Change a trigger, turn it off or on again',
      auth: 'user',
      scope: 'write',
      notFound: 'TRIGGER_NOT_FOUND',
      params: triggerParams,
      body: changeTriggerBodySchema,
      audit: { action: 'trigger.change', subject: 'trigger' },
      responses: { 200: { description: 'As it is now.', schema: triggerSchema } },
      handler: async ({ scope, params, body }) => {
        const trigger = await requireTrigger(scope, params.id);
        const { name = trigger.name, enabled = trigger.enabled, inputs = trigger.inputs, ...fields } = body;
        const made = changedSchedule(trigger, fields, enabled, now());
        if (body.inputs !== undefined || body.version !== undefined) {
          await requireInputs(scope, trigger.workflowId, inputs, made.settings.version);
        }
        const to = { name, enabled, inputs, ...made, updatedAt: trigger.updatedAt };
        const changed = await changeTrigger(pool, scope, params.id, to);
        if (changed === null) {
          const current = await requireTrigger(scope, params.id);
          if (current.updatedAt.getTime() === trigger.updatedAt.getTime()) throw barred();
          throw new TerminalError(
            'WORKFLOW_VERSION_CONFLICT',
            'The trigger was changed meanwhile. Read it again and repeat the change.',
          );
        }
        return { status: 200, body: shownTrigger(changed), audit: { details: { enabled } } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/triggers/:id',
      tag: 'Triggers',
      summary: 'Delete a trigger; its runs stay',
      auth: 'user',
      scope: 'write',
      notFound: 'TRIGGER_NOT_FOUND',
      params: triggerParams,
      audit: { action: 'trigger.delete', subject: 'trigger' },
      responses: { 204: { description: 'It is gone.' } },
      handler: async ({ scope, params }) => {
        const deleted = await deleteTrigger(pool, scope, params.id);
        if (deleted === undefined) throw triggerNotFound(params.id);
        return { status: 204, audit: deleted.name === null ? {} : { name: deleted.name } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/triggers/:id/fires',
      tag: 'Triggers',
      summary: 'The last times of a trigger and what came of them, and the next five',
      auth: 'user',
      scope: 'read',
      notFound: 'TRIGGER_NOT_FOUND',
      params: triggerParams,
      query: triggerFiresQuerySchema,
      responses: { 200: { description: 'The latest first.', schema: triggerFiresSchema } },
      handler: async ({ scope, params, query }) => {
        const trigger = await requireTrigger(scope, params.id);
        const items = await listFires(pool, scope, params.id, query.limit);
        return { status: 200, body: { items, next: nextOf(trigger) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/schedules/preview',
      tag: 'Triggers',
      summary: 'When a schedule would be due, before it is saved',
      auth: 'user',
      scope: 'read',
      body: previewScheduleBodySchema,
      responses: { 200: { description: 'The next five times.', schema: previewScheduleSchema } },
      handler: async ({ body }) => {
        const startAt = body.startAt === undefined ? now() : new Date(body.startAt);
        const timeZone = isEvery(body.cron) ? 'UTC' : canonicalZone(body.timeZone);
        const next = readSchedule({ cron: body.cron, timeZone, startAt }).after(now(), 5);
        return { status: 200, body: { timeZone, next: next.map((instant) => instant.toISOString()) } };
      },
    }),
  ];
}

function barred(): TerminalError {
  return new TerminalError(
    'SCOPE_MISSING',
    'Your account may look at things but not change them. Ask an owner for another role.',
  );
}
