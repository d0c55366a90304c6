import { z } from 'zod';
import { queuesSchema, workersSchema } from '../../core/api/admin.ts';
import { assetSchema, type Asset } from '../../core/api/assets.ts';
import { auditPageSchema } from '../../core/api/audit.ts';
import { meSchema, sessionListSchema, shownInvitationSchema, type UserRole } from '../../core/api/auth.ts';
import { problemSchema } from '../../core/api/common.ts';
import { clientConfigSchema } from '../../core/api/config.ts';
import { apiKeySchema, createdApiKeySchema, type ApiKeyScope } from '../../core/api/keys.ts';
import { modelProviderSchema } from '../../core/api/llm.ts';
import {
  createdInvitationSchema,
  invitationListSchema,
  memberListSchema,
  signInLinkSchema,
} from '../../core/api/members.ts';
import { nodeTypeSchema } from '../../core/api/node-types.ts';
import { providerKeysSchema, type OwnKeyProvider, type SaveProviderKeyBody } from '../../core/api/provider-keys.ts';
import { runPlanSchema } from '../../core/api/run-plan.ts';
import { runDetailSchema, runFileSchema, runPageSchema, runSchema, type StartRunBody } from '../../core/api/runs.ts';
import { usageSchema } from '../../core/api/usage.ts';
import { workflowFileSchema, workflowPageSchema, workflowSchema } from '../../core/api/workflows.ts';
import { graphSchema, type Graph } from '../../core/graph/graph.ts';
import { ApiError } from './api-error.ts';

export interface ApiClientDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly createId: () => string;
  /** A token of the identity provider; null where the session is in a cookie. */
  readonly accessToken: () => Promise<string | null>;
  /** Called with every answer 401, so that the page can ask to sign in. */
  readonly onSignedOut: () => void;
}

export type ApiClient = ReturnType<typeof createApiClient>;

interface Call<Schema extends z.ZodType> {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  schema: Schema;
}

const nothing = z.unknown().transform(() => undefined);

/** Every request of the web app, by resource. All of them throw ApiError. */
export function createApiClient({ fetch, createId, accessToken, onSignedOut }: ApiClientDeps) {
  async function call<Schema extends z.ZodType>(
    path: string,
    { method = 'GET', body, headers = {}, signal, schema }: Call<Schema>,
  ): Promise<z.output<Schema>> {
    let response: Response;
    try {
      const token = await accessToken();
      response = await fetch(path, {
        method,
        credentials: 'same-origin',
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new ApiError(0, 'NETWORK', 'The server cannot be reached. Check the connection; this is tried again.');
    }
    const content: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
    if (!response.ok) {
      const error = errorFrom(response.status, content);
      if (response.status === 401 && !path.startsWith('/api/auth/')) onSignedOut();
      throw error;
    }
    return schema.parse(content);
  }

  const query = (values: Record<string, string | number | undefined>) => {
    const entries = Object.entries(values).filter(
      (entry): entry is [string, string | number] => entry[1] !== undefined && entry[1] !== '',
    );
    return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`;
  };

  return {
    config: () => call('/api/config', { schema: clientConfigSchema }),
    me: () => call('/api/me', { schema: meSchema }),
    signInWithToken: (token: string) => call('/api/auth/sign-in', { method: 'POST', body: { token }, schema: nothing }),
    signInWithPassword: (email: string, password: string) =>
      call('/api/auth/sign-in', { method: 'POST', body: { email, password }, schema: nothing }),
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
    signOut: () => call('/api/auth/sign-out', { method: 'POST', body: {}, schema: nothing }),

    listWorkflows: (options: { search?: string; sort?: string; cursor?: string; limit?: number } = {}) =>
      call(`/api/workflows${query(options)}`, { schema: workflowPageSchema }),
    getWorkflow: (id: number) => call(`/api/workflows/${id}`, { schema: workflowSchema }),
    createWorkflow: (name: string, data: Graph) =>
      call('/api/workflows', { method: 'POST', body: { name, data }, schema: workflowSchema }),
    updateWorkflow: (id: number, change: { name?: string; data?: Graph; version?: number }) =>
      call(`/api/workflows/${id}`, { method: 'PUT', body: change, schema: workflowSchema }),
    /** As a file; the audit log of the server tells of it. */
    exportWorkflow: (id: number) => call(`/api/workflows/${id}/export`, { schema: workflowFileSchema }),
    deleteWorkflow: (id: number) => call(`/api/workflows/${id}`, { method: 'DELETE', schema: nothing }),

    startRun: (workflowId: number, body: StartRunBody) =>
      call(`/api/workflows/${workflowId}/run`, {
        method: 'POST',
        body,
        headers: { 'idempotency-key': createId() },
        schema: runSchema,
      }),
    planRun: (workflowId: number, body: StartRunBody, signal?: AbortSignal) =>
      call(`/api/workflows/${workflowId}/plan`, { method: 'POST', body, signal, schema: runPlanSchema }),
    listRuns: (workflowId: number, options: { cursor?: string; limit?: number } = {}) =>
      call(`/api/workflows/${workflowId}/runs${query(options)}`, { schema: runPageSchema }),
    getRun: (id: string) => call(`/api/runs/${id}`, { schema: runDetailSchema }),
    /** The graph as the run froze it. */
    getRunGraph: (id: string) => call(`/api/runs/${id}/graph`, { schema: graphSchema }),
    cancelRun: (id: string) => call(`/api/runs/${id}/cancel`, { method: 'POST', body: {}, schema: nothing }),
    retryRun: (id: string) => call(`/api/runs/${id}/retry`, { method: 'POST', body: {}, schema: runSchema }),
    /** What it put out; the audit log of the server tells of it. */
    exportRun: (id: string) => call(`/api/runs/${id}/export`, { schema: runFileSchema }),
    deleteRun: (id: string) => call(`/api/runs/${id}`, { method: 'DELETE', schema: nothing }),

    listModels: () => call('/api/models', { schema: listOf(modelProviderSchema) }),
    listNodeTypes: () => call('/api/node-types', { schema: listOf(nodeTypeSchema) }),

    listKeys: () => call('/api/keys', { schema: listOf(apiKeySchema) }),
    createKey: (body: { name: string; scopes: ApiKeyScope[]; expiresAt: string | null }) =>
      call('/api/keys', { method: 'POST', body, schema: createdApiKeySchema }),
    deleteKey: (id: string) => call(`/api/keys/${id}`, { method: 'DELETE', schema: nothing }),
    listProviderKeys: () => call('/api/provider-keys', { schema: providerKeysSchema }),
    saveProviderKey: (provider: OwnKeyProvider, body: SaveProviderKeyBody) =>
      call(`/api/provider-keys/${provider}`, { method: 'PUT', body, schema: providerKeysSchema }),
    deleteProviderKey: (provider: OwnKeyProvider) =>
      call(`/api/provider-keys/${provider}`, { method: 'DELETE', schema: nothing }),
    listMembers: async () => (await call('/api/members', { schema: memberListSchema })).items,
    setRole: (id: string, role: UserRole) =>
      call(`/api/members/${encodeURIComponent(id)}`, { method: 'PUT', body: { role }, schema: nothing }),
    removeMember: (id: string) => call(`/api/members/${encodeURIComponent(id)}`, { method: 'DELETE', schema: nothing }),
    createSignInLink: (id: string) =>
      call(`/api/members/${encodeURIComponent(id)}/sign-in-link`, {
        method: 'POST',
        body: {},
        schema: signInLinkSchema,
      }),
    listInvitations: async () => (await call('/api/invitations', { schema: invitationListSchema })).items,
    invite: (email: string, role: UserRole) =>
      call('/api/invitations', { method: 'POST', body: { email, role }, schema: createdInvitationSchema }),
    withdrawInvitation: (id: string) => call(`/api/invitations/${id}`, { method: 'DELETE', schema: nothing }),
    listAudit: (options: { action?: string; search?: string; cursor?: string }) =>
      call(`/api/admin/audit${query(options)}`, { schema: auditPageSchema }),
    listWorkers: () => call('/api/workers', { schema: workersSchema }),
    usage: () => call('/api/usage', { schema: usageSchema }),
    drainWorker: (id: string) => call(`/api/admin/workers/${id}/drain`, { method: 'POST', schema: nothing }),
    listQueues: () => call('/api/queues', { schema: queuesSchema }),
  };
}

/** A list as `{ items }` or as a bare array. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z.union([z.object({ items: z.array(item) }).transform(({ items }) => items), z.array(item)]);
}

function errorFrom(status: number, content: unknown): ApiError {
  const problem = problemSchema.safeParse(content);
  if (problem.success)
    return new ApiError(status, problem.data.code, problem.data.detail || problem.data.title, problem.data);
  return new ApiError(status, 'UNEXPECTED', `The server answered with status ${status} and no explanation.`);
}

/**
 * Uploads one file with progress (0-1), which fetch cannot report. Throws
 * ApiError; an abort rejects with the signal's reason.
 */
export function uploadFile(
  file: File,
  options: { signal?: AbortSignal | undefined; onProgress?: ((fraction: number) => void) | undefined } = {},
): Promise<Asset> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/assets');
    request.responseType = 'json';
    request.upload.onprogress = (event) => event.lengthComputable && options.onProgress?.(event.loaded / event.total);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(assetSchema.parse(request.response));
      else reject(errorFrom(request.status, request.response));
    };
    request.onerror = () =>
      reject(new ApiError(0, 'NETWORK', 'The upload broke off. Check the connection and try again.'));
    request.onabort = () => reject(options.signal?.reason ?? new Error('The upload was cancelled.'));
    options.signal?.addEventListener('abort', () => request.abort(), { once: true });
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
}
