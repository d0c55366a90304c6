import { randomUUID } from 'node:crypto';
import { smallGraph, type CallOptions } from './test-server.ts';
import { callback, noId, schedule, upload, type Things } from './things.ts';

export interface RouteCase {
  /** The path with real ids in it; default: as it is. */
  readonly path?: (things: Things) => string;
  readonly options?: () => CallOptions;
  /** What the owner of the things gets; on a route for owners, an owner of the installation. */
  readonly own: number;
  /**
   * What another user gets: `missing` is the answer of a thing that does not
   * exist; `nothing of it` is a list or a new thing without anything of the
   * owner's; `forbidden` is a route for owners of the installation.
   */
  readonly other: 'missing' | 'nothing of it' | 'forbidden';
}

const body = (value: unknown) => () => ({ body: value });

/** Every route that asks who is there. A route without a case fails a test. */
export function guardedCases(picture: () => Uint8Array<ArrayBuffer>): Readonly<Record<string, RouteCase>> {
  const of = (pathOf: (things: Things) => string, own: number, options?: () => CallOptions): RouteCase => ({
    path: pathOf,
    own,
    other: 'missing',
    ...(options === undefined ? {} : { options }),
  });
  return {
    'get /api/workflows': { own: 200, other: 'nothing of it' },
    'post /api/workflows': { options: body({ name: 'n', data: smallGraph() }), own: 201, other: 'nothing of it' },
    'post /api/workflows/import': {
      options: () => upload(Buffer.from(JSON.stringify(smallGraph())), 'workflow.json'),
      own: 201,
      other: 'nothing of it',
    },
    'get /api/workflows/:id': of(({ workflow }) => `/api/workflows/${workflow}`, 200),
    'get /api/workflows/:id/interface': of(({ workflow }) => `/api/workflows/${workflow}/interface`, 200),
    'get /api/workflows/:id/export': of(({ workflow }) => `/api/workflows/${workflow}/export`, 200),
    'post /api/workflows/:id/publish': of(({ workflow }) => `/api/workflows/${workflow}/publish`, 201, body({})),
    'get /api/workflows/:id/versions': of(({ workflow }) => `/api/workflows/${workflow}/versions`, 200),
    'get /api/workflows/:id/versions/:version': of(({ workflow }) => `/api/workflows/${workflow}/versions/1`, 200),
    'get /api/workflows/:id/contract': of(({ workflow }) => `/api/workflows/${workflow}/contract`, 200),
    'get /api/workflows/:id/callers': of(({ workflow }) => `/api/workflows/${workflow}/callers`, 200),
    'post /api/workflows/:id/pack': of(
      ({ workflow }) => `/api/workflows/${workflow}/pack`,
      201,
      body({ data: smallGraph(), nodeIds: [smallGraph().nodes[0]!.id], name: 'part' }),
    ),
    // The graph calls nothing.
    'post /api/workflows/:id/unpack': of(
      ({ workflow }) => `/api/workflows/${workflow}/unpack`,
      422,
      body({ data: smallGraph(), nodeId: smallGraph().nodes[0]!.id }),
    ),
    'get /api/workflows/:id/drafts': of(({ workflow }) => `/api/workflows/${workflow}/drafts`, 200),
    'put /api/workflows/:id/live': of(({ workflow }) => `/api/workflows/${workflow}/live`, 200, body({ version: 1 })),
    'put /api/workflows/:id/slug': of(
      ({ workflow }) => `/api/workflows/${workflow}/slug`,
      200,
      () => ({
        body: { slug: `s-${randomUUID()}` },
      }),
    ),
    'post /api/workflows/:id/restore': of(
      ({ workflow }) => `/api/workflows/${workflow}/restore`,
      200,
      body({ version: 1 }),
    ),
    'get /api/workflows/:id/stars': of(({ workflow }) => `/api/workflows/${workflow}/stars`, 200),
    'post /api/workflows/:id/stars': of(
      ({ workflow }) => `/api/workflows/${workflow}/stars`,
      200,
      body({ add: ['text a 1'] }),
    ),
    'put /api/workflows/:id': of(({ workflow }) => `/api/workflows/${workflow}`, 200, body({ name: 'renamed' })),
    'delete /api/workflows/:id': of(({ workflow }) => `/api/workflows/${workflow}`, 204),
    'post /api/workflows/:id/run': of(({ workflow }) => `/api/workflows/${workflow}/run`, 202, body({})),
    'post /api/workflows/:id/runs': of(({ workflow }) => `/api/workflows/${workflow}/runs`, 202, body({ runs: [{}] })),
    'post /api/workflows/:id/plan': of(({ workflow }) => `/api/workflows/${workflow}/plan`, 200, body({})),
    'get /api/workflows/:id/runs': of(({ workflow }) => `/api/workflows/${workflow}/runs`, 200),
    'post /api/w/:slug/run': of(({ slug }) => `/api/w/${slug}/run`, 202, body({})),
    'get /api/w/:slug': of(({ slug }) => `/api/w/${slug}`, 200),
    'get /api/w/:slug/openapi.json': of(({ slug }) => `/api/w/${slug}/openapi.json`, 200),
    'post /mcp': {
      options: () => ({
        // The protocol's own body, with rules of its own about further fields.
        raw: new Blob([JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })], { type: 'application/json' }),
        headers: { accept: 'application/json, text/event-stream' },
      }),
      own: 200,
      other: 'nothing of it',
    },
    'get /api/runs': { own: 200, other: 'nothing of it' },
    'get /api/runs/:id': of(({ run }) => `/api/runs/${run}`, 200),
    'get /api/runs/:id/graph': of(({ run }) => `/api/runs/${run}/graph`, 200),
    'get /api/runs/:id/export': of(({ run }) => `/api/runs/${run}/export`, 200),
    'get /api/runs/:id/parts': of(({ run }) => `/api/runs/${run}/parts`, 200),
    'get /api/runs/:id/events': of(({ run }) => `/api/runs/${run}/events`, 200),
    'post /api/runs/:id/cancel': of(({ run }) => `/api/runs/${run}/cancel`, 202),
    // Its nodes go through no list.
    'post /api/runs/:id/lists': of(({ run }) => `/api/runs/${run}/lists`, 422, body({ nodeId: 'a', action: 'pause' })),
    'post /api/runs/:id/retry': of(({ failedRun }) => `/api/runs/${failedRun}/retry`, 202),
    'delete /api/runs/:id': of(({ failedRun }) => `/api/runs/${failedRun}`, 204),
    'post /api/workflows/:id/batches': of(
      ({ workflow }) => `/api/workflows/${workflow}/batches`,
      202,
      body({ rows: [{}] }),
    ),
    'post /api/workflows/:id/batches/estimate': of(
      ({ workflow }) => `/api/workflows/${workflow}/batches/estimate`,
      200,
      body({ rows: [{}] }),
    ),
    'get /api/workflows/:id/batches': of(({ workflow }) => `/api/workflows/${workflow}/batches`, 200),
    'get /api/batches/:id': of(({ batch }) => `/api/batches/${batch}`, 200),
    'get /api/batches/:id/rows': of(({ batch }) => `/api/batches/${batch}/rows`, 200),
    'get /api/batches/:id/export': of(({ batch }) => `/api/batches/${batch}/export`, 200),
    'post /api/batches/:id/pause': of(({ batch }) => `/api/batches/${batch}/pause`, 200),
    'post /api/batches/:id/resume': of(({ batch }) => `/api/batches/${batch}/resume`, 200),
    'post /api/batches/:id/cancel': of(({ batch }) => `/api/batches/${batch}/cancel`, 200),
    'post /api/batches/:id/retry': of(({ endedBatch }) => `/api/batches/${endedBatch}/retry`, 200, body({})),
    'delete /api/batches/:id': of(({ endedBatch }) => `/api/batches/${endedBatch}`, 204),
    'get /api/workflows/:id/triggers': of(({ workflow }) => `/api/workflows/${workflow}/triggers`, 200),
    'post /api/workflows/:id/triggers': of(
      ({ workflow }) => `/api/workflows/${workflow}/triggers`,
      201,
      body(schedule),
    ),
    'get /api/triggers/:id': of(({ trigger }) => `/api/triggers/${trigger}`, 200),
    'patch /api/triggers/:id': of(({ trigger }) => `/api/triggers/${trigger}`, 200, body({ name: 'renamed' })),
    'delete /api/triggers/:id': of(({ trigger }) => `/api/triggers/${trigger}`, 204),
    'get /api/triggers/:id/fires': of(({ trigger }) => `/api/triggers/${trigger}/fires`, 200),
    'post /api/triggers/:id/secret': of(({ hook }) => `/api/triggers/${hook}/secret`, 200, body({})),
    'delete /api/triggers/:id/old-secret': of(({ hook }) => `/api/triggers/${hook}/old-secret`, 204),
    'get /api/trigger-fires/:id': of(({ fire }) => `/api/trigger-fires/${fire}`, 200),
    'post /api/trigger-fires/:id/try': of(({ fire }) => `/api/trigger-fires/${fire}/try`, 200, body({})),
    'post /api/trigger-fires/:id/replay': of(({ fire }) => `/api/trigger-fires/${fire}/replay`, 202),
    'get /api/waits': { own: 200, other: 'nothing of it' },
    'get /api/waits/:id': of(({ wait }) => `/api/waits/${wait}`, 200),
    'post /api/waits/:id': of(({ wait }) => `/api/waits/${wait}`, 200, body({ action: 'yes' })),
    'get /api/workflows/:id/callbacks': of(({ workflow }) => `/api/workflows/${workflow}/callbacks`, 200),
    'post /api/workflows/:id/callbacks': of(
      ({ workflow }) => `/api/workflows/${workflow}/callbacks`,
      201,
      body(callback),
    ),
    'patch /api/callbacks/:id': of(({ callback: id }) => `/api/callbacks/${id}`, 200, body({ enabled: true })),
    'delete /api/callbacks/:id': of(({ callback: id }) => `/api/callbacks/${id}`, 204),
    'post /api/callbacks/:id/secret': of(({ callback: id }) => `/api/callbacks/${id}/secret`, 200),
    'delete /api/callbacks/:id/old-secret': of(({ callback: id }) => `/api/callbacks/${id}/old-secret`, 204),
    'get /api/callbacks/:id/messages': of(({ callback: id }) => `/api/callbacks/${id}/messages`, 200),
    'post /api/callback-messages/:id/replay': of(({ message }) => `/api/callback-messages/${message}/replay`, 202),
    'get /api/workflows/:id/links': of(({ workflow }) => `/api/workflows/${workflow}/links`, 200),
    'post /api/workflows/:id/links': of(({ workflow }) => `/api/workflows/${workflow}/links`, 201, body({})),
    'patch /api/links/:id': of(({ link }) => `/api/links/${link}`, 200, body({ name: 'renamed' })),
    'delete /api/links/:id': of(({ link }) => `/api/links/${link}`, 204),
    'get /api/watched-folders': { own: 200, other: 'nothing of it' },
    'post /api/schedules/preview': { options: body({ cron: '0 9 * * MON' }), own: 200, other: 'nothing of it' },
    'post /api/assets': { options: () => upload(picture()), own: 201, other: 'nothing of it' },
    'get /api/assets': { own: 200, other: 'nothing of it' },
    'get /api/assets/:id': of(({ asset }) => `/api/assets/${asset}`, 200),
    'get /api/assets/:id/uses': of(({ asset }) => `/api/assets/${asset}/uses`, 200),
    'delete /api/assets/:id': of(({ asset }) => `/api/assets/${asset}`, 204),
    'get /api/assets/:id/content': of(({ asset }) => `/api/assets/${asset}/content`, 200),
    'get /api/assets/:id/thumbnail': of(({ asset }) => `/api/assets/${asset}/thumbnail`, 200),
    // The asset is a picture: it has no peaks.
    'get /api/assets/:id/peaks': of(({ asset }) => `/api/assets/${asset}/peaks`, 415),
    'get /api/node-types': { own: 200, other: 'nothing of it' },
    // Nobody configured a model: the question itself is allowed.
    'post /api/llm/execute': {
      options: body({ model: 'gemini-x', userMessage: 'hi' }),
      own: 422,
      other: 'nothing of it',
    },
    'get /api/models': { own: 200, other: 'nothing of it' },
    'get /api/provider-keys': { own: 200, other: 'nothing of it' },
    'put /api/provider-keys/:provider': {
      path: () => '/api/provider-keys/gemini',
      options: body({ key: 'own-key-of-somebody' }),
      own: 200,
      other: 'nothing of it',
    },
    // Only a session may, and whose key it is follows from the session: there is nothing of others to name.
    'delete /api/provider-keys/:provider': { path: () => '/api/provider-keys/openai', own: 404, other: 'missing' },
    'get /api/budgets': { own: 200, other: 'nothing of it' },
    'put /api/budgets': {
      path: () => '/api/budgets',
      options: body({ period: 'day', limitUsd: 1 }),
      own: 200,
      other: 'nothing of it',
    },
    'delete /api/budgets/:budgetId': {
      path: () => `/api/budgets/${randomUUID()}`,
      own: 404,
      other: 'missing',
    },
    'get /api/secrets': { own: 200, other: 'nothing of it' },
    'put /api/secrets/:name': {
      path: () => '/api/secrets/TOKEN',
      options: body({ value: 'token of somebody', hosts: ['api.example.com'] }),
      own: 200,
      other: 'nothing of it',
    },
    'delete /api/secrets/:name': { path: () => '/api/secrets/NOBODY', own: 404, other: 'missing' },
    'get /api/keys': { own: 200, other: 'nothing of it' },
    'post /api/keys': { options: body({ name: 'k' }), own: 201, other: 'nothing of it' },
    'delete /api/keys/:id': of(({ key }) => `/api/keys/${key}`, 204),
    'post /api/auth/sign-out': { own: 204, other: 'nothing of it' },
    'post /api/auth/sign-out-everywhere': { own: 204, other: 'nothing of it' },
    'get /api/me': { own: 200, other: 'nothing of it' },
    'put /api/me': { options: body({ firstName: 'Ada' }), own: 200, other: 'nothing of it' },
    'put /api/me/password': {
      options: body({ newPassword: 'a long enough password' }),
      own: 204,
      other: 'nothing of it',
    },
    'get /api/sessions': { own: 200, other: 'nothing of it' },
    'delete /api/sessions/:id': of(({ session }) => `/api/sessions/${session}`, 204),
    'get /api/members': { own: 200, other: 'forbidden' },
    'put /api/members/:id': {
      path: ({ member }) => `/api/members/${member}`,
      options: body({ role: 'viewer' }),
      own: 204,
      other: 'forbidden',
    },
    'delete /api/members/:id': { path: ({ member }) => `/api/members/${member}`, own: 204, other: 'forbidden' },
    'post /api/members/:id/sign-in-link': {
      path: ({ member }) => `/api/members/${member}/sign-in-link`,
      own: 201,
      other: 'forbidden',
    },
    'get /api/invitations': { own: 200, other: 'forbidden' },
    'post /api/invitations': {
      options: () => ({ body: { email: `${randomUUID()}@example.com`, role: 'member' } }),
      own: 201,
      other: 'forbidden',
    },
    'delete /api/invitations/:id': {
      path: ({ invitation }) => `/api/invitations/${invitation}`,
      own: 204,
      other: 'forbidden',
    },
    // Into a workspace that is not there: whoever has the workflow is told of that.
    'post /api/workflows/:id/move': {
      path: ({ workflow }) => `/api/workflows/${workflow}/move`,
      options: body({ workspaceId: noId }),
      own: 404,
      other: 'missing',
    },
    'get /api/workspaces': { own: 200, other: 'nothing of it' },
    'post /api/workspaces': { options: body({ name: 'Team' }), own: 201, other: 'nothing of it' },
    // Links that nobody has: whoever opens one is told so.
    'post /api/workspace-invitations/show': { options: body({ token: 'x' }), own: 404, other: 'missing' },
    'post /api/workspace-invitations/join': { options: body({ token: 'x' }), own: 404, other: 'missing' },
    'get /api/admin/workspaces': { own: 200, other: 'forbidden' },
    // It has an admin.
    'put /api/admin/workspaces/:id/admin': {
      path: ({ team }) => `/api/admin/workspaces/${team}/admin`,
      options: body({ accountId: 'nobody' }),
      own: 409,
      other: 'forbidden',
    },
    'patch /api/workspaces/:id': of(({ team }) => `/api/workspaces/${team}`, 200, body({ name: 'renamed' })),
    'delete /api/workspaces/:id': of(({ team }) => `/api/workspaces/${team}`, 200),
    'post /api/workspaces/:id/restore': of(({ deletedTeam }) => `/api/workspaces/${deletedTeam}/restore`, 200),
    'post /api/workspaces/:id/leave': of(({ team }) => `/api/workspaces/${team}/leave`, 204),
    'get /api/workspaces/:id/members': of(({ team }) => `/api/workspaces/${team}/members`, 200),
    'post /api/workspaces/:id/members': of(
      ({ team }) => `/api/workspaces/${team}/members`,
      201,
      () => ({ body: { email: `${randomUUID()}@example.com`, role: 'editor' } }),
    ),
    'patch /api/workspaces/:id/members/:accountId': of(
      ({ team, member }) => `/api/workspaces/${team}/members/${member}`,
      204,
      body({ role: 'viewer' }),
    ),
    'delete /api/workspaces/:id/members/:accountId': of(
      ({ team, member }) => `/api/workspaces/${team}/members/${member}`,
      204,
    ),
    'delete /api/workspaces/:id/invited/:invitedId': of(
      ({ team, invited }) => `/api/workspaces/${team}/invited/${invited}`,
      204,
    ),
    'post /api/workspaces/:id/service-accounts': of(
      ({ team }) => `/api/workspaces/${team}/service-accounts`,
      201,
      body({ name: 'CI', role: 'runner' }),
    ),
    'get /api/workspaces/:id/service-accounts/:accountId/keys': of(
      ({ team, program }) => `/api/workspaces/${team}/service-accounts/${program}/keys`,
      200,
    ),
    'post /api/workspaces/:id/service-accounts/:accountId/keys': of(
      ({ team, program }) => `/api/workspaces/${team}/service-accounts/${program}/keys`,
      201,
      body({ name: 'k' }),
    ),
    'delete /api/workspaces/:id/service-accounts/:accountId/keys/:keyId': of(
      ({ team, program, programKey }) => `/api/workspaces/${team}/service-accounts/${program}/keys/${programKey}`,
      204,
    ),
    'get /api/workspaces/:id/audit': of(({ team }) => `/api/workspaces/${team}/audit`, 200),
    'get /api/workspaces/:id/audit/export': of(({ team }) => `/api/workspaces/${team}/audit/export`, 200),
    'get /api/limits': { own: 200, other: 'nothing of it' },
    'get /api/usage': { own: 200, other: 'nothing of it' },
    'get /api/workers': { own: 200, other: 'forbidden' },
    'get /api/queues': { own: 200, other: 'forbidden' },
    'post /api/admin/workers/:id/drain': {
      path: ({ worker }) => `/api/admin/workers/${worker}/drain`,
      own: 202,
      other: 'forbidden',
    },
    'get /api/admin/audit': { own: 200, other: 'forbidden' },
    'get /api/admin/audit/export': { own: 200, other: 'forbidden' },
  };
}

/** Routes that are open to anybody, with a body that they take. */
export const openCases: Readonly<Record<string, { readonly body?: Readonly<Record<string, unknown>> }>> = {
  'get /api/config': {},
  'get /api/openapi.json': {},
  'post /hooks/:token': {},
  'get /api/shared/:token': {},
  'post /api/shared/:token/runs': { body: {} },
  'get /api/shared/:token/runs': {},
  'get /api/shared/:token/runs/:id': {},
  'post /api/shared/:token/runs/:id/cancel': {},
  'get /api/shared/:token/runs/:id/events': {},
  'post /api/shared/:token/files': {},
  'get /api/shared/:token/files/:id/content': {},
  'get /api/shared/:token/files/:id/thumbnail': {},
  'get /api/answers/:token': {},
  'post /api/answers/:token': { body: { action: 'yes' } },
  'get /api/answers/:token/files/:id/content': {},
  'get /api/answers/:token/files/:id/thumbnail': {},
  'post /api/auth/sign-in': { body: { email: 'nobody@example.com', password: 'a long enough password' } },
  'post /api/auth/show-invitation': { body: { token: 'x'.repeat(43) } },
  'post /api/auth/accept-invitation': { body: { token: 'x'.repeat(43), password: 'a long enough password' } },
};
