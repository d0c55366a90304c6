import type { Request } from 'express';
import { type CreateSchedule, previewScheduleBodySchema, previewScheduleSchema } from '../../core/api/schedules.ts';
import { triggerFiresQuerySchema, triggerFiresSchema } from '../../core/api/trigger-fires.ts';
import {
  changeTriggerBodySchema,
  createTriggerBodySchema,
  createdTriggerSchema,
  newFilesSettingsSchema,
  type CreateAfterWorkflow,
  type CreatedTrigger,
  type CreateNewFiles,
  type Trigger,
  triggerListSchema,
  triggerSchema,
  watchedFoldersSchema,
} from '../../core/api/triggers.ts';
import {
  changeSecretBodySchema,
  changedSecretSchema,
  webhookSettingsSchema,
  type HookAuth,
  type CreateWebhook,
} from '../../core/api/webhooks.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { changeHookSecrets, changeTrigger, deleteTrigger } from '../../db/triggers/change.ts';
import { findTrigger, listTriggers } from '../../db/triggers/find.ts';
import type { TriggerRow } from '../../db/triggers/rows.ts';
import { insertTrigger } from '../../db/triggers/insert.ts';
import { listFires } from '../../db/triggers/list-fires.ts';
import { hasWorkflow } from '../../db/workflows/find.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import { allows, recordedActor, type Scope } from '../../core/scope.ts';
import type { Principal } from '../auth/principal.ts';
import { publishedVersionNotFound } from '../../engine/runs/known-workflows.ts';
import { withInputs } from '../../engine/runs/with-inputs.ts';
import { canonicalZone, readSchedule } from '../../engine/triggers/schedule.ts';
import { isEvery } from '../../core/triggers/every.ts';
import { triggerNotFound, workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';
import { triggerParams, workflowParams } from './parameters.ts';
import { hashSecret, newSecret } from '../auth/secrets.ts';
import { openSecrets, requireBox, sealSecrets, secretFor } from './hooks/secrets.ts';
import { newAfterWorkflow } from './triggers/after-workflow.ts';
import { changedTrigger, shownTrigger } from './triggers/kinds.ts';
import { listFolder, newNewFiles, rememberAsOld } from './triggers/new-files.ts';
import { newSchedule, nextOf } from './triggers/schedules.ts';
import { newWebhook } from './triggers/webhooks.ts';
import { barred, notStored } from './triggers/not-stored.ts';

/** Who asks about triggers, by what. */
interface Asked {
  readonly principal: Principal;
  readonly scope: Scope;
  readonly request: Request;
}

/** More than anybody looks after; a script that makes a new one for each call is stopped. */
const maxTriggersPerUser = 200;

/** What starts a workflow by itself, and what came of it. */
export function triggerRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, pool, newId, now, catalogue, limits, addresses, settings, secretBox, watchFolders, starter } = deps;
  const rules = { catalogue, graphLimits: limits.graph, addresses, nodeTimeoutMs: settings.nodeTimeoutMs };

  /** Refuses a version that is not there, and values that a run of it would be refused for. */
  async function requireInputs(
    scope: Scope,
    workflowId: number,
    inputs: Record<string, unknown>,
    version: number | 'live',
    isPartial: boolean,
  ): Promise<void> {
    const found = await findRunnableGraph(pool, scope, workflowId, version);
    if (found === null) throw workflowNotFound(workflowId);
    if (found.data === null) throw publishedVersionNotFound(workflowId, Number(version));
    await starter.requireRoom(scope.workspaceId, Buffer.byteLength(JSON.stringify(inputs)));
    // A webhook gets the others from its deliveries.
    const part = isPartial ? { mode: 'selected' as const, nodeIds: [] } : {};
    await withInputs(pool, rules, { data: found.data }, { userId: scope.workspaceId, inputs, ...part });
  }

  /** What a new trigger is by its kind. */
  function kindParts(id: string, body: CreateSchedule | CreateWebhook | CreateAfterWorkflow | CreateNewFiles) {
    if (body.kind === 'schedule') {
      const { settings: schedule, nextAt } = newSchedule(body, now());
      return {
        settings: schedule,
        nextAt: body.enabled ? nextAt : null,
        tokenHash: null,
        sealed: null,
        sourceWorkflowId: null,
        secret: null,
      };
    }
    if (body.kind === 'workflow') {
      const { sourceWorkflowId } = body;
      const rest = { nextAt: null, tokenHash: null, sealed: null, secret: null };
      return { settings: newAfterWorkflow(body), sourceWorkflowId, ...rest };
    }
    if (body.kind === 'file') {
      const rest = { nextAt: null, tokenHash: null, sealed: null, secret: null, sourceWorkflowId: null };
      return { settings: newNewFiles(body), ...rest };
    }
    const [token, secret] = [newSecret(), secretFor(body.auth, body.secret)];
    return {
      settings: newWebhook(body),
      nextAt: null,
      sourceWorkflowId: null,
      tokenHash: hashSecret(token),
      sealed: sealSecrets(requireBox(secretBox), id, { token, secrets: [secret] }),
      secret: body.auth.type === 'none' ? null : secret,
    };
  }

  /** Refuses a workflow that is not there, is somebody else's, or is the one that would be started. */
  async function requireSource(scope: Scope, workflowId: number, sourceWorkflowId: number): Promise<void> {
    if (sourceWorkflowId === workflowId) {
      throw new TerminalError('TRIGGER_LOOP', 'A workflow cannot start itself when it ends. Choose another one.');
    }
    if (!(await hasWorkflow(db, scope, sourceWorkflowId))) throw workflowNotFound(sourceWorkflowId);
  }

  /** The address of a webhook starts runs by itself: it is shown to those who may start some, or change it. */
  function shown(trigger: TriggerRow, { principal, scope, request }: Asked): Trigger {
    const mayRun = allows(scope.role, 'runner') && principal.scopes.some((held) => held !== 'read');
    return shownTrigger(trigger, mayRun ? secretBox : null, { settings, request });
  }

  /** Changes what is secret of a webhook: `next` gets the secrets as they are, the present one first. */
  async function changeSecrets(
    scope: Scope,
    id: string,
    next: (present: readonly string[], auth: HookAuth) => readonly string[],
  ): Promise<void> {
    const trigger = await requireTrigger(scope, id);
    if (trigger.kind !== 'webhook' || trigger.sealed === null) {
      throw new TerminalError('REQUEST_INVALID', 'Only a webhook has a secret. Choose one.');
    }
    const opened = openSecrets(secretBox, id, trigger.sealed);
    if (opened === null) {
      throw new TerminalError(
        'SECRETS_UNAVAILABLE',
        'The secrets of this webhook cannot be read: SECRETS_KEY was changed. Make a new webhook.',
      );
    }
    const secrets = [...next(opened.secrets, webhookSettingsSchema.parse(trigger.settings).auth)];
    const to = sealSecrets(requireBox(secretBox), id, { ...opened, secrets });
    const change = { from: trigger.sealed, to, hasOld: secrets.length > 1 };
    if (!(await changeHookSecrets(pool, scope, id, change))) throw changedMeanwhile();
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
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      responses: { 200: { description: 'The oldest first.', schema: triggerListSchema } },
      handler: async ({ principal, scope, params, request }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        const items = await listTriggers(pool, scope, params.id);
        return { status: 200, body: { items: items.map((trigger) => shown(trigger, { principal, scope, request })) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/triggers',
      tag: 'Triggers',
      summary: 'Start a workflow by a schedule, a webhook, the end of another workflow, or new files',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'editor' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: createTriggerBodySchema,
      audit: { action: 'trigger.create', subject: 'trigger' },
      responses: {
        201: { description: 'The new trigger; the secret of a webhook is shown once.', schema: createdTriggerSchema },
      },
      handler: async ({ principal, scope, params, body, request, signal }) => {
        const id = newId();
        const { name = null, enabled, inputs, version, kind } = body;
        const { secret, ...made } = kindParts(id, body);
        if (body.kind === 'workflow') await requireSource(scope, params.id, body.sourceWorkflowId);
        await requireInputs(scope, params.id, inputs, version, kind !== 'schedule');
        const oldFiles =
          body.kind === 'file' ? await listFolder(watchFolders, scope.workspaceId, body.folder, signal) : [];
        const stored = await insertTrigger(
          db,
          {
            id,
            workflowId: params.id,
            userId: scope.workspaceId,
            createdBy: recordedActor(scope),
            kind,
            name,
            enabled,
            inputs,
            ...made,
            oldFiles,
          },
          maxTriggersPerUser,
        );
        if (typeof stored === 'string')
          throw notStored(stored, { workflowId: params.id, what: 'triggers', most: maxTriggersPerUser });
        return {
          status: 201,
          body: created(shown(stored, { principal, scope, request }), secret),
          headers: { Location: `/api/triggers/${stored.id}` },
          audit: { id: stored.id, ...(name !== null && { name }), details: { workflowId: params.id, kind: body.kind } },
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
      place: { of: 'trigger', role: 'viewer' },
      notFound: 'TRIGGER_NOT_FOUND',
      params: triggerParams,
      responses: { 200: { description: 'The trigger.', schema: triggerSchema } },
      handler: async ({ principal, scope, params, request }) => ({
        status: 200,
        body: shown(await requireTrigger(scope, params.id), { principal, scope, request }),
      }),
    }),
    defineRoute({
      method: 'patch',
      path: '/api/triggers/:id',
      tag: 'Triggers',
      summary: 'Change a trigger, turn it off or on again',
      auth: 'user',
      scope: 'write',
      place: { of: 'trigger', role: 'editor' },
      notFound: 'TRIGGER_NOT_FOUND',
      params: triggerParams,
      body: changeTriggerBodySchema,
      audit: { action: 'trigger.change', subject: 'trigger' },
      responses: { 200: { description: 'As it is now.', schema: triggerSchema } },
      handler: async ({ principal, scope, params, body, request, signal }) => {
        const trigger = await requireTrigger(scope, params.id);
        const { name = trigger.name, enabled = trigger.enabled, inputs = trigger.inputs } = body;
        const made = changedTrigger(trigger, body, now());
        if (body.inputs !== undefined || body.version !== undefined) {
          await requireInputs(scope, trigger.workflowId, inputs, made.settings.version, trigger.kind !== 'schedule');
        }
        // What came while it was off starts nothing.
        if (trigger.kind === 'file' && enabled && !trigger.enabled) {
          const { folder } = newFilesSettingsSchema.parse(trigger.settings);
          await rememberAsOld(
            pool,
            trigger.id,
            await listFolder(watchFolders, scope.workspaceId, folder, signal),
            now(),
          );
        }
        const to = { name, enabled, inputs, ...made, updatedAt: trigger.updatedAt };
        const changed = await changeTrigger(pool, scope, params.id, to);
        if (changed === null) {
          const current = await requireTrigger(scope, params.id);
          throw current.updatedAt.getTime() === trigger.updatedAt.getTime() ? barred() : changedMeanwhile();
        }
        return {
          status: 200,
          body: shown(changed, { principal, scope, request }),
          audit: { ...(changed.name !== null && { name: changed.name }), details: { enabled } },
        };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/triggers/:id',
      tag: 'Triggers',
      summary: 'Delete a trigger; its runs stay',
      auth: 'user',
      scope: 'write',
      place: { of: 'trigger', role: 'editor' },
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
      method: 'post',
      path: '/api/triggers/:id/secret',
      tag: 'Triggers',
      summary: 'Give a webhook another secret; the one before is accepted as well until it is ended',
      auth: 'user',
      scope: 'write',
      place: { of: 'trigger', role: 'editor' },
      notFound: 'TRIGGER_NOT_FOUND',
      params: triggerParams,
      body: changeSecretBodySchema,
      isBodyOptional: true,
      audit: { action: 'trigger.change', subject: 'trigger' },
      responses: { 200: { description: 'The new secret, in this answer only.', schema: changedSecretSchema } },
      handler: async ({ scope, params, body }) => {
        let secret = '';
        await changeSecrets(scope, params.id, ([present], auth) => {
          secret = secretFor(auth, body.secret);
          return [secret, ...(present === undefined ? [] : [present])];
        });
        return { status: 200, body: { secret }, audit: { details: { secret: 'changed' } } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/triggers/:id/old-secret',
      tag: 'Triggers',
      summary: 'End the secret before the present one',
      auth: 'user',
      scope: 'write',
      place: { of: 'trigger', role: 'editor' },
      notFound: 'TRIGGER_NOT_FOUND',
      params: triggerParams,
      audit: { action: 'trigger.change', subject: 'trigger' },
      responses: { 204: { description: 'Only the present one is accepted.' } },
      handler: async ({ scope, params }) => {
        await changeSecrets(scope, params.id, (present) => present.slice(0, 1));
        return { status: 204, audit: { details: { secret: 'old one ended' } } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/triggers/:id/fires',
      tag: 'Triggers',
      summary: 'The last times of a trigger and what came of them, and the next five',
      auth: 'user',
      scope: 'read',
      place: { of: 'trigger', role: 'viewer' },
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
      method: 'get',
      path: '/api/watched-folders',
      tag: 'Triggers',
      summary: 'List the folders and buckets whose new files may start workflows',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      responses: {
        200: { description: 'Their names; the operator knows where they are.', schema: watchedFoldersSchema },
      },
      handler: async ({ scope }) => ({
        status: 200,
        body: { items: [...watchFolders.namesFor(scope.workspaceId)] },
      }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/schedules/preview',
      tag: 'Triggers',
      summary: 'When a schedule would be due, before it is saved',
      auth: 'user',
      scope: 'read',
      place: 'installation',
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

/** A trigger with the secret that is shown once. */
function created(trigger: Trigger, secret: string | null): CreatedTrigger {
  return trigger.kind === 'webhook' ? { ...trigger, secret } : trigger;
}

function changedMeanwhile(): TerminalError {
  return new TerminalError(
    'WORKFLOW_VERSION_CONFLICT',
    'The trigger was changed meanwhile. Read it again and repeat the change.',
  );
}
