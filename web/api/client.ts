import { z } from 'zod';
import { assetPageSchema, assetSchema, peaksSchema, peaksUrl } from '../../core/api/assets.ts';
import { meSchema, sessionListSchema, shownInvitationSchema, signedOutSchema } from '../../core/api/auth.ts';
import { clientConfigSchema } from '../../core/api/config.ts';
import type { WorkspaceRole } from '../../core/scope.ts';
import { apiKeyListSchema, createdApiKeySchema, type ApiKeyScope } from '../../core/api/keys.ts';
import { modelProviderListSchema } from '../../core/api/llm.ts';
import { nodeTypeListSchema } from '../../core/api/node-types.ts';
import { secretsSchema, type SaveSecretBody } from '../../core/api/secrets.ts';
import { providerKeysSchema, type OwnKeyProvider, type SaveProviderKeyBody } from '../../core/api/provider-keys.ts';
import { runPlanSchema } from '../../core/api/run-plan.ts';
import { runDetailSchema, runFileSchema, runPageSchema, runSchema, type StartRunBody } from '../../core/api/runs.ts';
import { usageSchema } from '../../core/api/usage.ts';
import {
  workflowFileSchema,
  workflowInterfaceSchema,
  workflowPageSchema,
  workflowSchema,
} from '../../core/api/workflows.ts';
import { runEventPageSchema } from '../../core/events/run-event.ts';
import { graphSchema, type Graph } from '../../core/graph/graph.ts';
import { addressOf } from '../ui/app-address.ts';
import { enterWorkspace, inWorkspace } from '../workspaces/current.ts';
import { ApiError } from './api-error.ts';
import { readAnswer, type Answer } from './read-answer.ts';
import { loadForGraph } from '../graph/load-for-graph.ts';

/** What the client takes from its page; tests pass stand-ins. */
export interface ApiClientDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly createId: () => string;
  /** A token of the identity provider; null where the session is in a cookie. */
  readonly accessToken: () => Promise<string | null>;
  /** Called with every answer 401, so that the page can ask to sign in. */
  readonly onSignedOut: () => void;
}

/** One method for each call the app makes. Answers are checked against their schemas; failures throw ApiError. */
export type ApiClient = ReturnType<typeof createApiClient>;

/** Status events of a run; pass `nextAfter` to get the next page, null where there is none. */
export type RunEventPage = z.infer<typeof runEventPageSchema>;

interface Call<Schema extends z.ZodType> {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  schema: Schema;
}

const openWaitsSchema = z.object({ open: z.number() });

/** 204: there is no body. */
const nothing = z.undefined();

/** Every request of the web app, by resource. All of them throw ApiError. */
export function createApiClient({ fetch, createId, accessToken, onSignedOut }: ApiClientDeps) {
  async function call<Schema extends z.ZodType>(path: string, options: Call<Schema>): Promise<z.output<Schema>> {
    const { method = 'GET', body, headers = {}, signal, schema } = options;
    const answer = await ask(path, method, headers, body, signal);
    try {
      return readAnswer(answer, schema);
    } catch (error) {
      // A sign-in of something in front is no business of the sign-in page here.
      const isOurs = error instanceof ApiError && error.problem !== null;
      if (isOurs && error.status === 401 && !path.startsWith('/api/auth/')) onSignedOut();
      // The workspace was deleted, or is open to the account no more: there is always one's own.
      if (isOurs && error.code === 'WORKSPACE_NOT_FOUND' && inWorkspace(path) !== path && method === 'GET') {
        enterWorkspace(null);
        return call(path, options);
      }
      throw error;
    }
  }

  async function ask(
    path: string,
    method: string,
    headers: Record<string, string>,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    try {
      const token = await accessToken();
      const response = await fetch(addressOf(inWorkspace(path)), {
        method,
        credentials: 'same-origin',
        // The API leads nowhere else: a redirect comes from something in front of it, and is told.
        redirect: 'manual',
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      });
      const { status } = response;
      return { status, contentType: response.headers.get('content-type'), text: await response.text() };
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new ApiError(0, 'NETWORK', 'The server cannot be reached. Check your connection; Heddle keeps trying.');
    }
  }

  const query = (values: Record<string, string | number | undefined>) => {
    const entries = Object.entries(values).filter(
      (entry): entry is [string, string | number] => entry[1] !== undefined && entry[1] !== '',
    );
    return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`;
  };

  return {
    /** For parts that are loaded later and bring their own schemas. */
    request: call,
    /** How many questions of runs are open, counted up to 1,000. */
    countOpenWaits: async () => (await call('/api/waits?limit=1', { schema: openWaitsSchema })).open,
    config: () => call('/api/config', { schema: clientConfigSchema }),
    me: () => call('/api/me', { schema: meSchema }),
    signInWithToken: (token: string) =>
      call('/api/auth/sign-in', { method: 'POST', body: { token }, schema: meSchema }),
    signInWithPassword: (email: string, password: string) =>
      call('/api/auth/sign-in', { method: 'POST', body: { email, password }, schema: meSchema }),
    showInvitation: (token: string) =>
      call('/api/auth/show-invitation', { method: 'POST', body: { token }, schema: shownInvitationSchema }),
    acceptInvitation: (body: { token: string; password: string; firstName?: string; lastName?: string }) =>
      call('/api/auth/accept-invitation', { method: 'POST', body, schema: meSchema }),
    updateMe: (body: { email?: string; firstName?: string; lastName?: string; currentPassword?: string }) =>
      call('/api/me', { method: 'PUT', body, schema: meSchema }),
    changePassword: (body: { currentPassword?: string; newPassword: string }) =>
      call('/api/me/password', { method: 'PUT', body, schema: nothing }),
    listSessions: async () => (await call('/api/sessions', { schema: sessionListSchema })).items,
    endSession: (id: string) => call(`/api/sessions/${id}`, { method: 'DELETE', schema: nothing }),
    signOutEverywhere: () => call('/api/auth/sign-out-everywhere', { method: 'POST', body: {}, schema: nothing }),
    /** Where the browser ends its session at an identity provider, where one opened it. */
    signOut: () => call('/api/auth/sign-out', { method: 'POST', body: {}, schema: signedOutSchema.or(nothing) }),

    listWorkflows: (options: { search?: string; sort?: string; cursor?: string; limit?: number } = {}) =>
      call(`/api/workflows${query(options)}`, { schema: workflowPageSchema }),
    /** With what its nodes need on the canvas; the rest of that follows by itself. */
    getWorkflow: async (id: number) => {
      const workflow = await call(`/api/workflows/${id}`, { schema: workflowSchema });
      await loadForGraph(workflow.data);
      return workflow;
    },
    /** Values that cannot run are kept, as `findings`: an exported workflow may have some. */
    createWorkflow: (name: string, data: Graph) =>
      call('/api/workflows', { method: 'POST', body: { name, data, draft: true }, schema: workflowSchema }),
    updateWorkflow: (id: number, change: { name?: string; data?: Graph; version?: number; draft?: boolean }) =>
      call(`/api/workflows/${id}`, { method: 'PUT', body: change, schema: workflowSchema }),
    /** As a file; the audit log of the server tells of it. */
    exportWorkflow: (id: number) => call(`/api/workflows/${id}/export`, { schema: workflowFileSchema }),
    /** The values that its draft takes and gives by name, as JSON schemas. */
    getInterface: (id: number, signal?: AbortSignal) =>
      call(`/api/workflows/${id}/interface?draft=1`, { signal, schema: workflowInterfaceSchema }),
    deleteWorkflow: (id: number) => call(`/api/workflows/${id}`, { method: 'DELETE', schema: nothing }),

    /** Of the draft, unless the body says otherwise. */
    startRun: (workflowId: number, body: StartRunBody) =>
      call(`/api/workflows/${workflowId}/run`, {
        method: 'POST',
        body: { draft: true, ...body },
        headers: { 'idempotency-key': createId() },
        schema: runDetailSchema,
      }),
    planRun: (workflowId: number, body: StartRunBody, signal?: AbortSignal) =>
      call(`/api/workflows/${workflowId}/plan`, {
        method: 'POST',
        body: { draft: true, ...body },
        signal,
        schema: runPlanSchema,
      }),
    listRuns: (workflowId: number, options: { cursor?: string; limit?: number; status?: string } = {}) =>
      call(`/api/workflows/${workflowId}/runs${query(options)}`, { schema: runPageSchema }),
    getRun: (id: string) => call(`/api/runs/${id}`, { schema: runDetailSchema }),
    /** Its status events after a seq, in order. */
    getRunEvents: (id: string, after: number) =>
      call(`/api/runs/${id}/events?after=${after}`, { schema: runEventPageSchema }),
    /** The graph as the run froze it. */
    getRunGraph: async (id: string) => {
      const graph = await call(`/api/runs/${id}/graph`, { schema: graphSchema });
      await loadForGraph(graph);
      return graph;
    },
    cancelRun: (id: string) => call(`/api/runs/${id}/cancel`, { method: 'POST', body: {}, schema: runSchema }),
    retryRun: (id: string) => call(`/api/runs/${id}/retry`, { method: 'POST', body: {}, schema: runDetailSchema }),
    /** What it put out; the audit log of the server tells of it. */
    exportRun: (id: string) => call(`/api/runs/${id}/export`, { schema: runFileSchema }),
    deleteRun: (id: string) => call(`/api/runs/${id}`, { method: 'DELETE', schema: nothing }),

    getAsset: (id: string) => call(`/api/assets/${id}`, { schema: assetSchema }),
    getPeaks: (id: string) => call(peaksUrl(id), { schema: peaksSchema }),
    listModels: async () => (await call('/api/models', { schema: modelProviderListSchema })).items,
    listNodeTypes: async () => (await call('/api/node-types', { schema: nodeTypeListSchema })).items,

    listKeys: async () => (await call('/api/keys', { schema: apiKeyListSchema })).items,
    createKey: (body: {
      name: string;
      scopes: ApiKeyScope[];
      expiresAt: string | null;
      workspaceId?: string;
      role?: WorkspaceRole;
    }) => call('/api/keys', { method: 'POST', body, schema: createdApiKeySchema }),
    deleteKey: (id: string) => call(`/api/keys/${id}`, { method: 'DELETE', schema: nothing }),
    listProviderKeys: () => call('/api/provider-keys', { schema: providerKeysSchema }),
    saveProviderKey: (provider: OwnKeyProvider, body: SaveProviderKeyBody) =>
      call(`/api/provider-keys/${provider}`, { method: 'PUT', body, schema: providerKeysSchema }),
    deleteProviderKey: (provider: OwnKeyProvider) =>
      call(`/api/provider-keys/${provider}`, { method: 'DELETE', schema: nothing }),
    listSecrets: () => call('/api/secrets', { schema: secretsSchema }),
    saveSecret: (name: string, body: SaveSecretBody) =>
      call(`/api/secrets/${encodeURIComponent(name)}`, { method: 'PUT', body, schema: secretsSchema }),
    deleteSecret: (name: string) =>
      call(`/api/secrets/${encodeURIComponent(name)}`, { method: 'DELETE', schema: nothing }),
    listFiles: (options: { sort?: string; uses?: number; cursor?: string; limit?: number } = {}) =>
      call(`/api/assets${query(options)}`, { schema: assetPageSchema }),
    /** Also where workflows use it: whoever asks has been told. */
    deleteFile: (id: string) => call(`/api/assets/${id}?force=1`, { method: 'DELETE', schema: nothing }),
    usage: () => call('/api/usage', { schema: usageSchema }),
  };
}
