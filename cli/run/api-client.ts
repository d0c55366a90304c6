import { steeredListSchema, type ListAction, type SteeredList } from '../../core/api/parts.ts';
import { createWriteStream, openAsBlob } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import { TerminalError } from '../../core/errors/app-error.ts';
import { assetSchema, type Asset } from '../../core/api/assets.ts';
import {
  batchEstimateSchema,
  batchPageSchema,
  batchSchema,
  type Batch,
  type createBatchBodySchema,
} from '../../core/api/batches.ts';
import { runDetailSchema, runSchema, type RunDetail, type RunSummary } from '../../core/api/runs.ts';
import { namedWorkflowSchema, type NamedWorkflow } from '../../core/api/by-name.ts';
import { publishedVersionPageSchema, publishResultSchema, type PublishedVersion } from '../../core/api/versions.ts';
import { waitPageSchema, waitSchema, type AnswerWaitBody, type Wait } from '../../core/api/waits.ts';
import { triggerFiresSchema } from '../../core/api/trigger-fires.ts';
import {
  triggerListSchema,
  triggerSchema,
  type changeTriggerBodySchema,
  type createTriggerBodySchema,
  type Trigger,
} from '../../core/api/triggers.ts';
import {
  appLinkListSchema,
  createdLinkSchema,
  type AppLink,
  type changeLinkBodySchema,
  type createLinkBodySchema,
} from '../../core/api/links.ts';
import { importedWorkflowSchema, type ImportedWorkflow } from '../../core/api/workflow-archive.ts';
import { workflowInterfaceSchema, workflowSchema, type Workflow } from '../../core/api/workflows.ts';
import { workspaceListSchema, type Workspace } from '../../core/api/workspaces.ts';
import type { ElementsOfNode } from '../../core/graph/chosen-elements.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { uploadName } from './inputs.ts';

/** The few requests that `heddle run` makes. Each throws SERVICE_UNAVAILABLE or REQUEST_INVALID with the server's words. */
export interface ApiClient {
  createWorkflow(name: string, data: Graph): Promise<Workflow>;
  /** Starting again with the same key starts nothing twice. */
  startRun(
    workflowId: number,
    idempotencyKey: string,
    request: RunRequest & { readonly elements?: ElementsOfNode | undefined },
  ): Promise<RunSummary>;
  /** What a published workflow takes and gives. `version`: undefined, that which is live. */
  readNamed(slug: string, version: number | undefined): Promise<NamedWorkflow>;
  startByName(
    slug: string,
    idempotencyKey: string,
    request: RunRequest & { readonly version: number | undefined },
  ): Promise<RunSummary>;
  publish(workflowId: number, note: string | undefined): Promise<z.infer<typeof publishResultSchema>>;
  /** Newest first, up to a hundred. */
  listVersions(workflowId: number): Promise<readonly PublishedVersion[]>;
  setLive(workflowId: number, version: number): Promise<void>;
  /** What the workflow takes that a trigger would start. */
  readInterface(workflowId: number): Promise<z.infer<typeof workflowInterfaceSchema>>;
  listTriggers(workflowId: number): Promise<readonly Trigger[]>;
  createTrigger(workflowId: number, body: z.input<typeof createTriggerBodySchema>): Promise<Trigger>;
  changeTrigger(id: string, body: z.input<typeof changeTriggerBodySchema>): Promise<void>;
  deleteTrigger(id: string): Promise<void>;
  /** The last ten times, the latest first. */
  listFires(id: string): Promise<z.infer<typeof triggerFiresSchema>>;
  listLinks(workflowId: number): Promise<readonly AppLink[]>;
  createLink(
    workflowId: number,
    body: z.input<typeof createLinkBodySchema>,
  ): Promise<z.infer<typeof createdLinkSchema>>;
  changeLink(id: string, body: z.input<typeof changeLinkBodySchema>): Promise<void>;
  deleteLink(id: string): Promise<void>;
  estimateBatch(workflowId: number, body: NewBatch): Promise<z.infer<typeof batchEstimateSchema>>;
  createBatch(workflowId: number, idempotencyKey: string, body: NewBatch): Promise<Batch>;
  readBatch(id: string): Promise<Batch>;
  /** Newest first, up to a hundred. */
  listBatches(workflowId: number): Promise<readonly Batch[]>;
  changeBatch(id: string, act: 'pause' | 'resume' | 'cancel' | 'retry'): Promise<Batch>;
  deleteBatch(id: string): Promise<void>;
  readRun(runId: string): Promise<RunDetail>;
  cancelRun(runId: string): Promise<void>;
  /** Pauses a list that a run goes through, goes on with it or cancels it. */
  steerList(runId: string, body: { readonly nodeId: string; readonly action: ListAction }): Promise<SteeredList>;
  /** Open questions, the oldest first, up to a hundred. */
  listWaits(): Promise<readonly Wait[]>;
  /** The person's own first. */
  listWorkspaces(): Promise<readonly Workspace[]>;
  readWait(id: string): Promise<Wait>;
  answerWait(id: string, idempotencyKey: string, body: AnswerWaitBody): Promise<Wait>;
  upload(path: string): Promise<Asset>;
  /** Makes a workflow of an exported file. `isLive`: see the command. */
  importWorkflow(path: string, isLive: boolean): Promise<ImportedWorkflow>;
  /** Writes what a path of the server gives to a file as it comes; what is there is replaced once all of it came. */
  save(path: string, file: string): Promise<void>;
  /** The bytes of an asset, by its path on the server. */
  download(path: string): Promise<Uint8Array>;
}

export type NewBatch = z.input<typeof createBatchBodySchema>;

interface RunRequest {
  readonly useCache: boolean;
  /** By the names of the workflow's inputs. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Which server, and as whom. */
export interface ApiClientOptions {
  /** Address of the server, with its path where it is under one. */
  readonly server: string;
  readonly apiKey: string | undefined;
  /** The id of the workspace that things are made and listed in. Default: that of the key, or else its person's own. */
  readonly workspace?: string | undefined;
}

/** A large upload on a slow line; everything else answers in milliseconds. */
const requestTimeoutMs = 300_000;

const problemSchema = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  code: z.string().optional(),
});

/** Sends nothing before it is asked to; no connection has to be closed. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (options.apiKey !== undefined) headers.set('authorization', `Bearer ${options.apiKey}`);
    // The server may live under a path: https://example.org/heddle.
    const base = options.server.replace(/\/+$/, '');
    const address = new URL(path.startsWith('/') ? `${base}${path}` : path, `${base}/`);
    // A key must not follow a path to another host.
    if (address.origin !== new URL(options.server).origin) {
      throw new TerminalError('REQUEST_INVALID', `${path} is not on the server ${options.server}.`);
    }
    const signal = AbortSignal.timeout(requestTimeoutMs);
    const response = await fetch(address, { ...init, headers, signal }).catch((cause: unknown) => {
      throw new TerminalError('SERVICE_UNAVAILABLE', `The server at ${options.server} is not responding.`, { cause });
    });
    if (response.ok) return response;
    throw await toError(response, options);
  }

  const here = (path: string) => {
    if (options.workspace === undefined) return path;
    return `${path}${path.includes('?') ? '&' : '?'}workspaceId=${encodeURIComponent(options.workspace)}`;
  };
  const bodyOf = ({ useCache, inputs }: RunRequest): object => ({
    ...(!useCache && { useCache: false }),
    ...(Object.keys(inputs).length > 0 && { inputs }),
  });
  const versionQuery = (version: number | undefined) => (version === undefined ? '' : `?version=${version}`);
  const readJson = async <T>(response: Response, schema: z.ZodType<T>): Promise<T> =>
    schema.parse(await response.json());
  const json = (body: unknown): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  return {
    createWorkflow: async (name, data) =>
      await readJson(await request(here('/api/workflows'), json({ name, data })), workflowSchema),
    readNamed: async (slug, version) =>
      await readJson(await request(`/api/w/${slug}${versionQuery(version)}`), namedWorkflowSchema),
    async startByName(slug, idempotencyKey, asked) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      const path = `/api/w/${slug}/run${versionQuery(asked.version)}`;
      return await readJson(await request(path, { ...json(bodyOf(asked)), headers }), runSchema);
    },
    publish: async (workflowId, note) =>
      await readJson(
        await request(`/api/workflows/${workflowId}/publish`, json(note === undefined ? {} : { note })),
        publishResultSchema,
      ),
    listVersions: async (workflowId) =>
      (await readJson(await request(`/api/workflows/${workflowId}/versions?limit=100`), publishedVersionPageSchema))
        .items,
    async setLive(workflowId, version) {
      await request(`/api/workflows/${workflowId}/live`, { ...json({ version }), method: 'PUT' });
    },
    async startRun(workflowId, idempotencyKey, asked) {
      const { elements } = asked;
      const init = json({ ...bodyOf(asked), ...(elements !== undefined && { elements }) });
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      return await readJson(await request(`/api/workflows/${workflowId}/run`, { ...init, headers }), runSchema);
    },
    readInterface: async (workflowId) =>
      await readJson(await request(`/api/workflows/${workflowId}/interface`), workflowInterfaceSchema),
    listTriggers: async (workflowId) =>
      (await readJson(await request(`/api/workflows/${workflowId}/triggers`), triggerListSchema)).items,
    createTrigger: async (workflowId, body) =>
      await readJson(await request(`/api/workflows/${workflowId}/triggers`, json(body)), triggerSchema),
    async changeTrigger(id, body) {
      await request(`/api/triggers/${id}`, { ...json(body), method: 'PATCH' });
    },
    async deleteTrigger(id) {
      await request(`/api/triggers/${id}`, { method: 'DELETE' });
    },
    listFires: async (id) => await readJson(await request(`/api/triggers/${id}/fires`), triggerFiresSchema),
    listLinks: async (workflowId) =>
      (await readJson(await request(`/api/workflows/${workflowId}/links`), appLinkListSchema)).items,
    createLink: async (workflowId, body) =>
      await readJson(await request(`/api/workflows/${workflowId}/links`, json(body)), createdLinkSchema),
    async changeLink(id, body) {
      await request(`/api/links/${id}`, { ...json(body), method: 'PATCH' });
    },
    async deleteLink(id) {
      await request(`/api/links/${id}`, { method: 'DELETE' });
    },
    estimateBatch: async (workflowId, { rows, window }) =>
      await readJson(
        await request(`/api/workflows/${workflowId}/batches/estimate`, json({ rows, window })),
        batchEstimateSchema,
      ),
    async createBatch(workflowId, idempotencyKey, body) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      return await readJson(
        await request(`/api/workflows/${workflowId}/batches`, { ...json(body), headers }),
        batchSchema,
      );
    },
    readBatch: async (id) => await readJson(await request(`/api/batches/${id}`), batchSchema),
    listBatches: async (workflowId) =>
      (await readJson(await request(`/api/workflows/${workflowId}/batches?limit=100`), batchPageSchema)).items,
    changeBatch: async (id, act) =>
      await readJson(await request(`/api/batches/${id}/${act}`, { method: 'POST' }), batchSchema),
    async deleteBatch(id) {
      await request(`/api/batches/${id}`, { method: 'DELETE' });
    },
    readRun: async (runId) => await readJson(await request(`/api/runs/${runId}`), runDetailSchema),
    async cancelRun(runId) {
      await request(`/api/runs/${runId}/cancel`, { method: 'POST' });
    },
    steerList: async (runId, body) =>
      await readJson(await request(`/api/runs/${runId}/lists`, json(body)), steeredListSchema),
    listWaits: async () => (await readJson(await request(here('/api/waits?limit=100')), waitPageSchema)).items,
    listWorkspaces: async () => (await readJson(await request('/api/workspaces'), workspaceListSchema)).items,
    readWait: async (id) => await readJson(await request(`/api/waits/${id}`), waitSchema),
    async answerWait(id, idempotencyKey, body) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      return await readJson(await request(`/api/waits/${id}`, { ...json(body), headers }), waitSchema);
    },
    upload: async (path) =>
      await readJson(await request(here('/api/assets'), { method: 'POST', body: await formOf(path) }), assetSchema),
    async importWorkflow(path, isLive) {
      const address = here(`/api/workflows/import${isLive ? '?live=1' : ''}`);
      return await readJson(
        await request(address, { method: 'POST', body: await formOf(path) }),
        importedWorkflowSchema,
      );
    },
    async save(path, file) {
      const { body } = await request(path);
      const part = `${file}.part`;
      try {
        await pipeline(
          body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream),
          createWriteStream(part),
        );
        await rename(part, file);
      } catch (cause) {
        await rm(part, { force: true });
        throw new TerminalError('REQUEST_INVALID', `${file} could not be saved: ${String(cause)}`, { cause });
      }
    },
    download: async (path) => new Uint8Array(await (await request(path)).arrayBuffer()),
  };
}

/** A form with one file, which is read while it is sent. */
async function formOf(path: string): Promise<FormData> {
  const form = new FormData();
  try {
    form.set('file', await openAsBlob(path), uploadName(path));
  } catch (cause) {
    throw new TerminalError('REQUEST_INVALID', `${path} cannot be read.`, { cause });
  }
  return form;
}

async function toError(response: Response, options: ApiClientOptions): Promise<TerminalError> {
  const problem = problemSchema.safeParse(await response.json().catch(() => ({})));
  const words = problem.success ? (problem.data.detail ?? problem.data.title) : undefined;
  const reason = words ?? `it answered ${response.status}`;
  if (response.status === 401) {
    const remedy = options.apiKey === undefined ? 'Give an API key with --key or HEDDLE_API_KEY' : 'Check the API key';
    return new TerminalError('AUTH_REQUIRED', `${options.server} requires authentication: ${reason} ${remedy}.`);
  }
  const code = response.status >= 500 ? 'SERVICE_UNAVAILABLE' : 'REQUEST_INVALID';
  return new TerminalError(code, `${options.server} refused: ${reason}`);
}
