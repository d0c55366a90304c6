import type { Request } from 'express';
import { z } from 'zod';
import {
  fireDetailSchema,
  triedMappingSchema,
  tryMappingBodySchema,
  type FireDetail,
} from '../../core/api/trigger-fires.ts';
import { deliveryAnswerSchema, webhookSettingsSchema, type WebhookSettings } from '../../core/api/webhooks.ts';
import { AppError, TerminalError } from '../../core/errors/app-error.ts';
import { FindingsError } from '../../core/errors/findings-error.ts';
import type { Scope } from '../../core/scope.ts';
import { findFire, type FoundFire } from '../../db/triggers/find-fire.ts';
import { findHook } from '../../db/triggers/find-hook.ts';
import { findTrigger } from '../../db/triggers/find.ts';
import { insertDelivery, type Delivery } from '../../db/triggers/insert-delivery.ts';
import type { TriggerRow } from '../../db/triggers/rows.ts';
import { findRunnableGraph } from '../../db/workflows/find-published.ts';
import { withInputs } from '../../engine/runs/with-inputs.ts';
import { hashSecret } from '../auth/secrets.ts';
import { isForm } from '../http/form.ts';
import { readBytes } from '../http/json-body.ts';
import { triggerNotFound } from '../http/not-found.ts';
import { contentLengthOf } from '../http/upload.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { hookBodyLimits } from '../limits/limits.ts';
import { networkOf } from '../limits/networks.ts';
import { limit } from '../limits/rate-limits.ts';
import { shownError } from '../runs/shown-error.ts';
import { waitForRun } from '../runs/wait-for-run.ts';
import type { ServerDependencies } from './deps.ts';
import { keptQuery, readDelivery, requireDeliveryRoom, takeDelivery, type TakenDelivery } from './hooks/deliver.ts';
import { mapDelivery, requireExpressions } from './hooks/map-delivery.ts';
import { keptHeaders, type ReadDelivery } from './hooks/read-delivery.ts';
import { createFormDeliveries, formOf } from './hooks/form-delivery.ts';
import { openSecrets } from './hooks/secrets.ts';
import { verifyDelivery } from './hooks/verify-delivery.ts';
import { fireParams, hookParams } from './parameters.ts';

/** Where deliveries arrive, and what their owner does with those that are kept. */
export function hookRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, pool, newId, now, rates, secretBox, notices, runDetails, catalogue, limits, addresses, settings } = deps;
  const forms = createFormDeliveries(deps.assets, deps.transfers);
  const rules = { catalogue, graphLimits: limits.graph, addresses, nodeTimeoutMs: settings.nodeTimeoutMs };

  /** Null: it may be taken; else why not, which only its owner is told. */
  function refusalOf(
    trigger: TriggerRow,
    auth: WebhookSettings['auth'],
    delivery: Delivery,
    request: Request,
  ): string | null {
    const opened = openSecrets(secretBox, trigger.id, trigger.sealed);
    if (opened === null) return 'The secret of the webhook cannot be read: SECRETS_KEY was changed.';
    const header = (name: string) => request.get(name) ?? null;
    return verifyDelivery(auth, opened.secrets, { header, body: delivery.body }, now());
  }

  /** Kept for its owner to read and replay, up to so many: whoever knows the address fills nothing. */
  async function keepRefused(trigger: TriggerRow, delivery: Delivery, reason: string): Promise<void> {
    if ((await rates.take('refusedHook', trigger.id)) !== null) return;
    try {
      await requireDeliveryRoom(deps, trigger, delivery.body.length);
    } catch (refusal) {
      // Whoever proves nothing is told the same whether there is room or not.
      if (refusal instanceof AppError) return;
      throw refusal;
    }
    const id = newId();
    await insertDelivery(pool, {
      ...delivery,
      id,
      triggerId: trigger.id,
      key: `refused ${id}`,
      status: 'refused',
      code: 'WEBHOOK_INVALID',
      reason,
      inputs: null,
    });
  }

  /** The run of a delivery with its outputs, as far as it has come in time. */
  async function outputsOf(trigger: TriggerRow, taken: TakenDelivery, seconds: number, signal: AbortSignal) {
    await taken.started;
    const scope: Scope = { workspaceId: trigger.userId, actorId: trigger.userId, role: 'editor' };
    const fire = await findFire(pool, scope, taken.id);
    if (fire?.status === 'refused') {
      // What is about the inputs is about what was sent; anything else is the owner's business.
      const isAboutSent = fire.code?.startsWith('RUN_INPUT_') === true && fire.reason !== null;
      throw new TerminalError(
        'RUN_INPUT_INVALID',
        isAboutSent
          ? fire.reason!
          : 'The run could not be started. Whoever made the webhook sees why at this delivery.',
      );
    }
    const run = await waitForRun({ db, notices }, { scope, runId: taken.id, timeoutMs: seconds * 1_000, signal });
    const detail = run === null ? null : await runDetails.find(scope, run.id);
    if (detail === null) return null;
    const { status, outputs } = detail;
    const error = shownError(detail.error, detail.nodeExecutions, 'sender');
    return { isFinished: detail.finishedAt !== null, body: { runId: taken.id, status, error, outputs } };
  }

  async function requireFire(scope: Scope, id: string): Promise<FoundFire & { readonly delivery: Delivery }> {
    const fire = await findFire(pool, scope, id);
    if (fire === null) throw fireNotFound(id);
    if (fire.delivery === null) {
      throw new TerminalError('TRIGGER_FIRE_NOT_FOUND', 'What arrived is no longer kept. Choose a later delivery.');
    }
    return { ...fire, delivery: fire.delivery };
  }

  async function requireHook(scope: Scope, id: string): Promise<TriggerRow> {
    const trigger = await findTrigger(pool, scope, id);
    if (trigger === null) throw triggerNotFound(id);
    return trigger;
  }

  return [
    defineRoute({
      method: 'post',
      path: '/hooks/:token',
      tag: 'Webhooks',
      summary: 'Deliver a message to a webhook; it is kept before the answer',
      auth: 'none',
      scope: 'any',
      place: 'installation',
      notFound: 'HOOK_NOT_FOUND',
      params: hookParams,
      responses: {
        200: { description: 'Taken before, or the outputs of its run.', schema: deliveryAnswerSchema },
        202: { description: 'It is kept, and its run begins.', schema: deliveryAnswerSchema },
      },
      handler: async ({ params, request, response, signal }) => {
        const isOfForm = isForm(request);
        // A form may be large: it is read once it is known whose it is.
        let body: Buffer = isOfForm ? Buffer.alloc(0) : await readBytes(request, hookBodyLimits);
        requirePlain(request);
        const tokenHash = hashSecret(params.token);
        limit(await rates.take('hook', tokenHash.toString('hex')));
        const trigger = await findHook(pool, tokenHash);
        if (trigger === null || !trigger.enabled) throw hookNotFound();
        const { auth, answer, waitSeconds } = webhookSettingsSchema.parse(trigger.settings);
        const headers = keptHeaders(request.headers, auth.type === 'header' ? auth.header : null);
        // What is signed has to be read whole before it is known that it is right.
        if (isOfForm && auth.type === 'hmac') body = await readBytes(request, hookBodyLimits);
        let delivery: Delivery = { query: keptQuery(request), headers, body };
        const refusal = refusalOf(trigger, auth, delivery, request);
        if (refusal !== null) {
          await keepRefused(trigger, isOfForm ? { ...delivery, body: Buffer.alloc(0) } : delivery, refusal);
          throw hookNotFound();
        }
        if (isOfForm) {
          const form = auth.type === 'hmac' ? formOf(body, request) : request;
          body = await forms.take(form, {
            userId: trigger.userId,
            uploadedBy: trigger.createdBy,
            network: networkOf(request.ip ?? 'unknown'),
            contentLength: contentLengthOf(request),
            requireRoom: (bytes) => requireDeliveryRoom(deps, trigger, bytes),
            signal,
          });
          delivery = { ...delivery, body };
        }
        const challenge = challengeOf(auth, delivery);
        if (challenge !== null) {
          response.type('text/plain').set('Cache-Control', 'no-store').send(challenge);
          return 'sent';
        }
        const taken = await takeDelivery(deps, trigger, delivery);
        if (taken.refusal !== null) throw taken.refusal;
        const { id, isKnown: duplicate } = taken;
        if (answer === 'outputs') {
          const run = await outputsOf(trigger, taken, waitSeconds, signal);
          if (run !== null) return { status: run.isFinished ? 200 : 202, body: { id, duplicate, ...run.body } };
        }
        return { status: duplicate ? 200 : 202, body: { id, runId: duplicate ? taken.runId : id, duplicate } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/trigger-fires/:id',
      tag: 'Triggers',
      summary: 'Read what arrived at a webhook, and what came of it',
      auth: 'user',
      scope: 'read',
      place: { of: 'fire', role: 'viewer' },
      notFound: 'TRIGGER_FIRE_NOT_FOUND',
      params: fireParams,
      responses: { 200: { description: 'The delivery.', schema: fireDetailSchema } },
      handler: async ({ scope, params }) => {
        const fire = await findFire(pool, scope, params.id);
        if (fire === null) throw fireNotFound(params.id);
        return { status: 200, body: shownFire(fire) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/trigger-fires/:id/try',
      tag: 'Triggers',
      summary: 'Try a mapping on a delivery; nothing is run',
      auth: 'user',
      scope: 'read',
      place: { of: 'fire', role: 'viewer' },
      notFound: 'TRIGGER_FIRE_NOT_FOUND',
      params: fireParams,
      body: tryMappingBodySchema,
      isBodyOptional: true,
      responses: { 200: { description: 'The inputs that a run would get.', schema: triedMappingSchema } },
      handler: async ({ scope, params, body }) => {
        const { delivery, triggerId } = await requireFire(scope, params.id);
        const trigger = await requireHook(scope, triggerId);
        const { mapping, version } = webhookSettingsSchema.parse(trigger.settings);
        let inputs: Record<string, unknown> = {};
        try {
          const tried = body.mapping ?? mapping;
          requireExpressions(tried, (name) => `mapping.${name}`);
          inputs = mapDelivery(tried, trigger.inputs, readDelivery(delivery));
          const graph = await findRunnableGraph(pool, scope, trigger.workflowId, version);
          if (graph?.data != null)
            await withInputs(pool, rules, { data: graph.data }, { userId: scope.workspaceId, inputs });
          return { status: 200, body: { inputs, findings: [] } };
        } catch (error) {
          if (error instanceof FindingsError) return { status: 200, body: { inputs, findings: [...error.findings] } };
          if (!(error instanceof TerminalError)) throw error;
          return { status: 200, body: { inputs, findings: [{ code: error.code, message: error.message }] } };
        }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/trigger-fires/:id/replay',
      tag: 'Triggers',
      summary: 'Run a delivery again, also one that was refused, with the mapping as it is now',
      auth: 'user',
      scope: 'run',
      place: { of: 'fire', role: 'runner' },
      notFound: 'TRIGGER_FIRE_NOT_FOUND',
      params: fireParams,
      responses: { 202: { description: 'It is kept as a delivery of its own.', schema: deliveryAnswerSchema } },
      handler: async ({ scope, params }) => {
        const { delivery, triggerId } = await requireFire(scope, params.id);
        const trigger = await requireHook(scope, triggerId);
        const taken = await takeDelivery(deps, trigger, delivery, { key: `replay ${newId()}` });
        if (taken.refusal !== null) throw taken.refusal;
        return { status: 202, body: { id: taken.id, runId: taken.id, duplicate: false } };
      },
    }),
  ];
}

function shownFire({ delivery, ...fire }: FoundFire): FireDetail {
  if (delivery === null) return { ...fire, delivery: null };
  const { receivedAt, query, headers, body } = delivery;
  let read: Pick<ReadDelivery, 'files'> & { readonly body: unknown };
  try {
    read = readDelivery(delivery);
  } catch {
    // It says that it is JSON, and is none.
    read = { body: body.toString('utf8'), files: {} };
  }
  return {
    ...fire,
    delivery: {
      receivedAt: receivedAt.toISOString(),
      query: { ...query },
      headers: { ...headers },
      body: read.body,
      files: { ...read.files },
      bytes: body.length,
    },
  };
}

const challengeSchema = z.object({ type: z.literal('url_verification'), challenge: z.string().max(1_000) });

/** What Slack wants to hear back once, when an address is entered there; null for everything else. */
function challengeOf(auth: WebhookSettings['auth'], delivery: Delivery): string | null {
  if (auth.type !== 'hmac' || auth.preset !== 'slack') return null;
  try {
    return challengeSchema.parse(readDelivery(delivery).body).challenge;
  } catch {
    return null;
  }
}

function requirePlain(request: Request): void {
  const encoding = request.get('content-encoding');
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new TerminalError('CONTENT_TYPE_UNSUPPORTED', 'Compressed bodies are not taken. Send the body as it is.');
}

/** The same for an address that nobody has, one that is turned off, and a delivery that proves nothing. */
function hookNotFound(): TerminalError {
  return new TerminalError('HOOK_NOT_FOUND', 'There is no webhook at this address, or not for you. Check both.');
}

function fireNotFound(id: string): TerminalError {
  return new TerminalError(
    'TRIGGER_FIRE_NOT_FOUND',
    `There is no delivery ${id}. Choose one from the list of its trigger.`,
  );
}
