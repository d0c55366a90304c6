import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Asset } from '../../core/api/assets.ts';
import type { RunDetail } from '../../core/api/runs.ts';

export interface GraphNode {
  readonly id: string;
  readonly type: string;
  readonly data: object;
}
/** `from.handle>to.handle`; the handles of texts and delays may be left out. */
export type EdgeText = string;

export interface ComposeApi {
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  createWorkflow(nodes: readonly GraphNode[], edges: readonly EdgeText[]): Promise<number>;
  /** Starts a run once, however often it has to ask: a lost answer is asked for again with the same key. */
  start(workflowId: number, key: string): Promise<string>;
  run(runId: string): Promise<RunDetail>;
  finished(runId: string, timeoutMs?: number): Promise<RunDetail>;
  upload(file: string): Promise<Asset>;
  download(path: string): Promise<Buffer>;
}

/** While servers and databases are restarted an answer may be missing for so long. */
const patienceMs = 120_000;

export function createComposeApi(url: string, apiKey: string): ComposeApi {
  const authorization = `Bearer ${apiKey}`;

  async function request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(url + path, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  /** Asks again while nobody answers, or who answers is not ready (5xx, 429, an answer still under way). */
  async function persistently(
    expected: number,
    ask: () => Promise<{ status: number; body: Record<string, unknown> }>,
  ): Promise<Record<string, unknown>> {
    const until = performance.now() + patienceMs;
    for (;;) {
      let last = 'no answer';
      try {
        const { status, body } = await ask();
        if (status === expected) return body;
        last = `${status} ${JSON.stringify(body)}`;
        const isPassing = status >= 500 || status === 429 || body['code'] === 'IDEMPOTENCY_KEY_IN_USE';
        if (!isPassing) throw new Refused(last);
      } catch (error) {
        if (error instanceof Refused) throw error;
        last = error instanceof Error ? error.message : last;
      }
      if (performance.now() > until) throw new Error(`gave up after ${patienceMs} ms: ${last}`);
      await sleep(200);
    }
  }

  const api: ComposeApi = {
    request,
    async createWorkflow(nodes, edges) {
      const data = {
        nodes: nodes.map((node, index) => ({ ...node, position: { x: 200 * index, y: 0 } })),
        edges: edges.map((edge, index) => {
          const [from = '', to = ''] = edge.split('>');
          const [source = '', sourceHandle = 'output'] = from.split('.');
          const [target = '', targetHandle = 'input'] = to.split('.');
          return { id: `e${index}`, source, sourceHandle, target, targetHandle };
        }),
      };
      const workflow = await persistently(201, () => request('POST', '/api/workflows', { name: 'compose', data }));
      return Number(workflow['id']);
    },
    async start(workflowId, key) {
      const path = `/api/workflows/${workflowId}/run`;
      const ask = () => request('POST', path, { triggerType: 'API' }, { 'idempotency-key': key });
      return String((await persistently(202, ask))['id']);
    },
    run: async (runId) => (await persistently(200, () => request('GET', `/api/runs/${runId}`))) as unknown as RunDetail,
    async finished(runId, timeoutMs = 120_000) {
      const until = performance.now() + timeoutMs;
      for (;;) {
        const run = await api.run(runId);
        if (run.finishedAt !== null) return run;
        if (performance.now() > until) throw new Error(`run ${runId} is ${run.status} after ${timeoutMs} ms`);
        await sleep(200);
      }
    },
    async upload(file) {
      const form = new FormData();
      form.set('file', await openAsBlob(file), basename(file));
      const response = await fetch(`${url}/api/assets`, { method: 'POST', headers: { authorization }, body: form });
      if (response.status !== 201) throw new Error(`upload: ${response.status} ${await response.text()}`);
      return (await response.json()) as Asset;
    },
    download: async (path) => {
      const response = await fetch(url + path, { headers: { authorization } });
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return Buffer.from(await response.arrayBuffer());
    },
  };
  return api;
}

/** An answer that will not get better by asking again. */
class Refused extends Error {}
