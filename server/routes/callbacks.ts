import {
  callbackListSchema,
  callbackMessageSchema,
  callbackMessagesSchema,
  callbackSchema,
  changeCallbackBodySchema,
  createCallbackBodySchema,
  createdCallbackSchema,
  type Callback,
  newCallbackSecretSchema,
} from '../../core/api/callbacks.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { allows, type Scope } from '../../core/scope.ts';
import {
  changeCallback,
  changeCallbackSecrets,
  deleteCallback,
  findCallbackSecrets,
  hasCallback,
  insertCallback,
  listCallbacks,
} from '../../db/callbacks/callbacks.ts';
import { listMessages, replayMessage } from '../../db/callbacks/messages.ts';
import { hasWorkflow } from '../../db/workflows/find.ts';
import { workflowNotFound } from '../http/not-found.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import type { ServerDependencies } from './deps.ts';
import { newSigningSecret, openCallbackSecrets, requireBox, sealCallbackSecrets } from './hooks/secrets.ts';
import { callbackParams, messageParams, workflowParams } from './parameters.ts';
import { notStored } from './triggers/not-stored.ts';

/** More than anybody looks after; a script that makes a new one for each call is stopped. */
const maxCallbacksPerUser = 200;
/** The log that a person looks at. */
const shownMessages = 100;

/** Addresses that are told of the runs of a workflow. */
export function callbackRoutes(deps: ServerDependencies): AnyRoute[] {
  const { db, pool, newId, secretBox, checkAddress } = deps;

  /** Changes what a callback signs with: `next` gets the secrets as they are, the present one first. */
  async function changeSecrets(
    scope: Scope,
    id: string,
    next: (present: readonly string[]) => readonly string[],
  ): Promise<void> {
    const sealed = await findCallbackSecrets(pool, scope, id);
    if (sealed === null) throw callbackNotFound(id);
    const box = requireBox(secretBox);
    const present = openCallbackSecrets(box, id, sealed);
    if (present === null) {
      throw new TerminalError(
        'SECRETS_UNAVAILABLE',
        'The secret of this callback cannot be read: SECRETS_KEY was changed. Make a new callback.',
      );
    }
    const secrets = next(present);
    const change = { from: sealed, to: sealCallbackSecrets(box, id, secrets), hasOld: secrets.length > 1 };
    if (await changeCallbackSecrets(pool, scope, id, change)) return;
    throw new TerminalError(
      'WORKFLOW_VERSION_CONFLICT',
      'The callback was changed meanwhile. Read it again and repeat the change.',
    );
  }

  return [
    defineRoute({
      method: 'get',
      path: '/api/workflows/:id/callbacks',
      tag: 'Callbacks',
      summary: 'List the addresses that are told of the runs of a workflow',
      auth: 'user',
      scope: 'read',
      place: { of: 'workflow', role: 'viewer' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      responses: { 200: { description: 'The oldest first.', schema: callbackListSchema } },
      handler: async ({ scope, params }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        const items = await listCallbacks(pool, scope, params.id);
        return { status: 200, body: { items: items.map((callback) => shownTo(scope, callback)) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/workflows/:id/callbacks',
      tag: 'Callbacks',
      summary: 'Tell an address of the runs of a workflow, signed as Standard Webhooks says',
      auth: 'user',
      scope: 'write',
      place: { of: 'workflow', role: 'admin' },
      notFound: 'WORKFLOW_NOT_FOUND',
      params: workflowParams,
      body: createCallbackBodySchema,
      audit: { action: 'callback.create', subject: 'callback' },
      responses: {
        201: { description: 'The new callback; its secret is in this answer only.', schema: createdCallbackSchema },
      },
      handler: async ({ scope, params, body, signal }) => {
        if (!(await hasWorkflow(db, scope, params.id))) throw workflowNotFound(params.id);
        const box = requireBox(secretBox);
        const { href } = await checkAddress(body.url, signal);
        const [id, secret] = [newId(), newSigningSecret()];
        const stored = await insertCallback(
          db,
          {
            id,
            workflowId: params.id,
            userId: scope.workspaceId,
            url: href,
            events: body.events,
            sealed: sealCallbackSecrets(box, id, [secret]),
          },
          maxCallbacksPerUser,
        );
        if (typeof stored === 'string')
          throw notStored(stored, { workflowId: params.id, what: 'callbacks', most: maxCallbacksPerUser });
        return {
          status: 201,
          body: { ...stored, secret },
          audit: { id, details: { workflowId: params.id, host: new URL(href).host } },
        };
      },
    }),
    defineRoute({
      method: 'patch',
      path: '/api/callbacks/:id',
      tag: 'Callbacks',
      summary: 'Change a callback, turn it off or on again',
      auth: 'user',
      scope: 'write',
      place: { of: 'callback', role: 'admin' },
      notFound: 'CALLBACK_NOT_FOUND',
      params: callbackParams,
      body: changeCallbackBodySchema,
      audit: { action: 'callback.change', subject: 'callback' },
      responses: { 200: { description: 'As it is now.', schema: callbackSchema } },
      handler: async ({ scope, params, body, signal }) => {
        const url = body.url === undefined ? undefined : (await checkAddress(body.url, signal)).href;
        const changed = await changeCallback(pool, scope, params.id, { ...body, url });
        if (changed === null) throw callbackNotFound(params.id);
        return { status: 200, body: changed };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/callbacks/:id',
      tag: 'Callbacks',
      summary: 'Delete a callback with its log',
      auth: 'user',
      scope: 'write',
      place: { of: 'callback', role: 'admin' },
      notFound: 'CALLBACK_NOT_FOUND',
      params: callbackParams,
      audit: { action: 'callback.delete', subject: 'callback' },
      responses: { 204: { description: 'Nothing more is told.' } },
      handler: async ({ scope, params }) => {
        if (!(await deleteCallback(pool, scope, params.id))) throw callbackNotFound(params.id);
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/callbacks/:id/secret',
      tag: 'Callbacks',
      summary: 'Sign with a new secret; the one before signs as well until it is ended',
      auth: 'user',
      scope: 'write',
      place: { of: 'callback', role: 'admin' },
      notFound: 'CALLBACK_NOT_FOUND',
      params: callbackParams,
      audit: { action: 'callback.change', subject: 'callback' },
      responses: { 200: { description: 'The new secret, in this answer only.', schema: newCallbackSecretSchema } },
      handler: async ({ scope, params }) => {
        const secret = newSigningSecret();
        await changeSecrets(scope, params.id, ([present]) => [secret, ...(present === undefined ? [] : [present])]);
        return { status: 200, body: { secret }, audit: { details: { secret: 'changed' } } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/callbacks/:id/old-secret',
      tag: 'Callbacks',
      summary: 'End the secret before the present one',
      auth: 'user',
      scope: 'write',
      place: { of: 'callback', role: 'admin' },
      notFound: 'CALLBACK_NOT_FOUND',
      params: callbackParams,
      audit: { action: 'callback.change', subject: 'callback' },
      responses: { 204: { description: 'Only the present one signs.' } },
      handler: async ({ scope, params }) => {
        await changeSecrets(scope, params.id, (present) => present.slice(0, 1));
        return { status: 204, audit: { details: { secret: 'old one ended' } } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/callbacks/:id/messages',
      tag: 'Callbacks',
      summary: 'What was told, and what was answered',
      auth: 'user',
      scope: 'read',
      place: { of: 'callback', role: 'viewer' },
      notFound: 'CALLBACK_NOT_FOUND',
      params: callbackParams,
      responses: { 200: { description: 'The latest first.', schema: callbackMessagesSchema } },
      handler: async ({ scope, params }) => {
        if (!(await hasCallback(pool, scope, params.id))) throw callbackNotFound(params.id);
        return { status: 200, body: { items: await listMessages(pool, scope, params.id, shownMessages) } };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/callback-messages/:id/replay',
      tag: 'Callbacks',
      summary: 'Send a message again, also one that was delivered',
      auth: 'user',
      scope: 'run',
      place: { of: 'callback-message', role: 'runner' },
      notFound: 'CALLBACK_NOT_FOUND',
      params: messageParams,
      responses: { 202: { description: 'It is sent in a moment.', schema: callbackMessageSchema } },
      handler: async ({ scope, params }) => {
        const message = await replayMessage(pool, scope, params.id);
        if (message === null) {
          throw new TerminalError(
            'CALLBACK_NOT_FOUND',
            `There is no message ${params.id}, or its callback is turned off. Turn it on, or choose one from the list.`,
          );
        }
        return { status: 202, body: message };
      },
    }),
  ];
}

/** Addresses of receivers often hold a secret: whoever may not change one sees its host alone. */
function shownTo({ role }: Scope, callback: Callback): Callback {
  return allows(role, 'admin') ? callback : { ...callback, url: `${new URL(callback.url).origin}/…` };
}

function callbackNotFound(id: string): TerminalError {
  return new TerminalError(
    'CALLBACK_NOT_FOUND',
    `There is no callback ${id}. Choose one from the list of its workflow.`,
  );
}
