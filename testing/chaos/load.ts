import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Graph } from '../../core/graph/graph.ts';
import { findRegions } from '../../core/graph/regions.ts';
import { structureOf } from '../../core/graph/structure.ts';
import { probedNodes } from '../probe-node.ts';
import type { CallableWorkflow } from './asking-nodes.ts';
import { publishCallables } from './callable-workflows.ts';
import type { Random } from './random.ts';
import { randomGraph } from './random-graph.ts';

/** A run that a server said it had taken. */
export interface AcceptedRun {
  readonly runId: string;
  readonly graph: Graph;
  /** `confirmed`: a server said that it is cancelled; `unknown`: asked for, but no answer came. */
  cancel: 'none' | 'refused' | 'unknown' | 'confirmed';
}

export interface Load {
  readonly accepted: readonly AcceptedRun[];
  /** Published workflows that graphs call. */
  readonly callable: readonly CallableWorkflow[];
  /** What no server took in all that time. */
  readonly refused: readonly string[];
  /** Requests that had to be made again, by what came instead of an answer. */
  readonly troubles: ReadonlyMap<string, number>;
}

export interface LoadOptions {
  readonly random: Random;
  readonly urls: readonly string[];
  readonly apiKey: string;
  readonly callUrl: string;
  readonly runs: number;
  /** The starts are spread over this time. */
  readonly forMs: number;
  /** So many workflows take turns. Default: each run has one of its own. */
  readonly workflows?: number;
}

/** One run in twelve is cancelled at some moment. */
const cancelled = 0.08;
/** In one of three with lists somebody asks for the elements that failed again while it is under way, so often. */
const retried = { chance: 0.3, times: 4, forMs: 8_000 };
/** A frozen server does not answer; another one does. */
const requestMs = 8_000;
/** A server that died with a key in its hands gives it up after two minutes. */
const insistMs = 240_000;

/** Starts runs of random graphs and insists until each is accepted, as a careful client does. */
export async function makeLoad(options: LoadOptions): Promise<Load> {
  const { random, urls, apiKey, runs, forMs, workflows = runs } = options;
  const graphs: Graph[] = [];
  const accepted: AcceptedRun[] = [];
  const refused: string[] = [];
  const troubles = new Map<string, number>();

  async function once(method: string, path: string, key: string | null, body: unknown) {
    const url = urls[Math.floor(Math.random() * urls.length)]!;
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        ...(key === null ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(requestMs),
    });
    return { status: response.status, body: (await response.json()) as { id?: unknown; code?: unknown } };
  }

  function note(trouble: string): void {
    troubles.set(trouble, (troubles.get(trouble) ?? 0) + 1);
  }

  async function insist(method: string, path: string, key: string | null, body: unknown, expected: readonly number[]) {
    const deadline = performance.now() + insistMs;
    for (;;) {
      const answer = await once(method, path, key, body).catch((error: unknown) => {
        note(error instanceof Error ? error.name : 'no answer');
        return null;
      });
      if (answer !== null && expected.includes(answer.status)) return answer;
      if (answer !== null) {
        note(`${answer.status} ${String(answer.body.code)}`);
        // 409: the first request with this key is still under way.
        const isPassing = answer.status >= 500 || answer.status === 409 || answer.status === 429;
        if (!isPassing) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      if (performance.now() > deadline) throw new Error(`${method} ${path} was not accepted within ${insistMs} ms`);
      await sleep(200 + Math.random() * 300);
    }
  }

  async function cancel(run: AcceptedRun): Promise<void> {
    run.cancel = 'unknown';
    try {
      const { status } = await once('POST', `/api/runs/${run.runId}/cancel`, null, {});
      if (status === 200 || status === 202) run.cancel = 'confirmed';
      else if (status === 409) run.cancel = 'refused';
    } catch {
      note('no answer to a cancel');
    }
  }

  /** Whatever comes of it: that it is over, not begun, or that nobody answers. */
  async function retryFailed({ runId, graph }: AcceptedRun, draws: Random): Promise<void> {
    const lists = findRegions(structureOf(graph, probedNodes.catalogue), probedNodes.catalogue);
    if (lists.length === 0 || !draws.chance(retried.chance)) return;
    const times = Array.from({ length: retried.times }, () => draws.between(0, retried.forMs)).toSorted(
      (a, b) => a - b,
    );
    for (const [index, at] of times.entries()) {
      await sleep(at - (times[index - 1] ?? 0));
      const { driver } = lists[index % lists.length]!;
      await once('POST', `/api/runs/${runId}/lists`, null, { nodeId: driver, action: 'retryFailed' }).then(
        ({ status }) => void (status === 200 && note('failed elements')),
        () => note('no answer to a retry'),
      );
    }
  }

  async function addWorkflow(graph: Graph, name = 'chaos'): Promise<string> {
    const workflow = await insist('POST', '/api/workflows', randomUUID(), { name, data: graph }, [201]);
    return String(workflow.body.id);
  }

  async function publish(name: string, graph: Graph): Promise<number> {
    const id = await addWorkflow(graph, name);
    await insist('POST', `/api/workflows/${id}/publish`, null, { draftVersion: 1 }, [201]);
    return Number(id);
  }

  /** Made once for each graph, when its first run is due. */
  const added = new Map<Graph, Promise<string>>();
  function workflowOf(graph: Graph): Promise<string> {
    let id = added.get(graph);
    if (id === undefined) added.set(graph, (id = addWorkflow(graph)));
    return id;
  }

  async function start(graph: Graph, cancelAfterMs: number | null, draws: Random): Promise<void> {
    const id = await workflowOf(graph);
    const run = await insist('POST', `/api/workflows/${id}/run`, randomUUID(), {}, [202]);
    const acceptedRun: AcceptedRun = { runId: String(run.body.id), graph, cancel: 'none' };
    accepted.push(acceptedRun);
    if (cancelAfterMs === null) return retryFailed(acceptedRun, draws);
    await sleep(cancelAfterMs);
    await cancel(acceptedRun);
  }

  const callable = await publishCallables(random, publish);
  const startedAt = performance.now();
  const starts = Array.from({ length: runs }, async (_, index) => {
    if (index < workflows) graphs.push(randomGraph(random, options.callUrl, callable));
    const graph = graphs[index % workflows]!;
    const cancelAfterMs = random.chance(cancelled) ? random.between(0, 4_000) : null;
    await sleep(Math.max(0, (forMs * index) / runs - (performance.now() - startedAt)));
    await start(graph, cancelAfterMs, random.fork(`retry ${index}`)).catch((error: unknown) =>
      refused.push(String(error)),
    );
  });
  await Promise.all(starts);
  return { accepted, callable, refused, troubles };
}
