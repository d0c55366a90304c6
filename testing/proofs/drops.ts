import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { runDetailSchema, type RunDetail } from '../../core/api/runs.ts';
import { runEventSchema, runSubscribeAckSchema, type RunEvent } from '../../core/events/run-event.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { startCallCounter } from '../call-counter.ts';
import { randomGraph } from '../chaos/random-graph.ts';
import { createRandom, type Random } from '../chaos/random.ts';
import { startChaosStack } from '../chaos/stack.ts';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';
import { percentile, type Proof } from './proof.ts';

/** Below the ten live connections that a user may have on one server. */
const watchedAtOnce = 16;
/** A connection lives for so long. */
const connectedMs = { least: 100, most: 1_500 };
/** So many runs, in the middle, between two deaths of a server. */
const runsPerDeath = 50;
/** From the reconnection until the client knows all that the server knows. */
const caughtUpMs = 2_000;
/** A client that is refused, or sent away, comes back after so long. */
const returnAfterMs = 500;
/** From the end of a run until its client has seen it, through all reconnections. */
const seenMs = 30_000;

/** Watches runs through connections that are cut all the time: each client ends with what the server says, without a hole. */
export const proveDrops: Proof = async ({ times, queue, seed, print }) => {
  const provider = await startCallCounter();
  const stack = await startChaosStack(queue);
  const random = createRandom(seed);
  const problems: string[] = [];
  const delays: number[] = [];
  let [next, cuts, events, deaths] = [0, 0, 0, 0];

  async function ask(method: string, path: string, body?: unknown): Promise<{ readonly id?: unknown }> {
    const key = randomUUID();
    for (;;) {
      const url = stack.servers[Math.floor(Math.random() * stack.servers.length)]!.url;
      const answer = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${stack.apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch(() => null);
      if (answer?.ok === true) return (await answer.json()) as { id?: unknown };
      // A server is down, or the other one has the key.
      if (answer !== null && answer.status < 500 && answer.status !== 409) {
        throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      }
      await sleep(200);
    }
  }

  async function watchOne(own: Random, index: number): Promise<void> {
    const graph = randomGraph(own, provider.url, []);
    const workflow = await ask('POST', '/api/workflows', { name: 'drops', data: graph });
    const runId = String((await ask('POST', `/api/workflows/${String(workflow.id)}/run`, {})).id);
    const server = stack.servers[index % stack.servers.length]!;
    const proxy = await startTcpProxy(Number(new URL(server.url).port));
    const client = watch(`http://127.0.0.1:${proxy.port}`, stack.apiKey, runId, (ms) => delays.push(ms));
    let end: RunDetail | null = null;
    let deadline = Number.POSITIVE_INFINITY;
    while (!client.sawEnd() && performance.now() < deadline) {
      await sleep(own.between(connectedMs.least, connectedMs.most));
      proxy.cut();
      cuts += 1;
      if (end !== null) continue;
      const detail = runDetailSchema.parse(await ask('GET', `/api/runs/${runId}`));
      if (!isRunFinished(detail.status)) continue;
      end = detail;
      deadline = performance.now() + seenMs;
    }
    end ??= runDetailSchema.parse(await ask('GET', `/api/runs/${runId}`));
    problems.push(...client.differencesFrom(end).map((difference) => `run ${runId}: ${difference}`));
    events += client.events();
    client.stop();
    await proxy.stop();
  }

  async function killServers(): Promise<void> {
    while (next < times) {
      const due = (deaths + 1) * runsPerDeath;
      if (next < due) {
        await sleep(100);
        continue;
      }
      await stack.servers[deaths % stack.servers.length]!.kill(500);
      deaths += 1;
    }
  }

  try {
    const deathsOver = killServers();
    const watchers = Array.from({ length: watchedAtOnce }, async () => {
      for (let index = next++; index < times; index = next++) await watchOne(random.fork(`run ${index}`), index);
    });
    await Promise.all(watchers);
    await deathsOver;
    print(
      `${times} runs watched, ${events} events; ${cuts} connections cut, ${deaths} servers killed; up to date ` +
        `p50 ${percentile(delays, 0.5)} ms, p99 ${percentile(delays, 0.99)} ms, at most ${Math.max(...delays)} ms ` +
        `after ${delays.length} connections`,
    );
    const late = delays.filter((ms) => ms > caughtUpMs).length;
    if (late > 0) problems.push(`${late} times a client was not up to date within ${caughtUpMs} ms`);
    return problems;
  } finally {
    await stack.stop();
    await provider.stop();
  }
};

interface Watcher {
  sawEnd(): boolean;
  events(): number;
  differencesFrom(detail: RunDetail): string[];
  stop(): void;
}

/** A client as careful as the canvas: it subscribes again with the newest seq that it has, and when one is missing. */
function watch(url: string, apiKey: string, runId: string, onCaughtUp: (ms: number) => void): Watcher {
  const nodes = new Map<string, string>();
  let [seq, count, status] = [0, 0, ''];
  const socket = io(url, {
    auth: { token: apiKey },
    transports: ['websocket'],
    forceNew: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 500,
  });

  function subscribe(): void {
    const askedAt = performance.now();
    socket.emit('run:subscribe', { runId, ...(seq === 0 ? {} : { afterSeq: seq }) }, (answer: unknown) => {
      const ack = runSubscribeAckSchema.parse(answer);
      // Refused or disturbed: the next connection asks again.
      if (!ack.ok) return;
      onCaughtUp(Math.round(performance.now() - askedAt));
      if (ack.seq < seq) return;
      ({ seq } = ack);
      ({ status } = ack.snapshot);
      for (const node of ack.snapshot.nodeExecutions) nodes.set(node.nodeId, `${node.status} ${node.attempt}`);
    });
  }

  function apply(event: RunEvent): void {
    if (event.type !== 'run.updated' && event.type !== 'node.updated') return;
    count += 1;
    // One is missing: what comes in between is in the snapshot of the answer.
    if (event.seq > seq + 1) return subscribe();
    if (event.seq <= seq) return;
    ({ seq } = event);
    if (event.type === 'run.updated') ({ status } = event);
    else nodes.set(event.nodeId, `${event.status} ${event.attempt}`);
  }

  let isStopped = false;
  const comeBack = () => setTimeout(() => isStopped || socket.connect(), returnAfterMs);
  socket.on('connect', subscribe);
  socket.on('connect_error', () => socket.active || comeBack());
  socket.on('disconnect', (reason) => reason === 'io server disconnect' && comeBack());
  socket.on('run:event', (event: unknown) => apply(runEventSchema.parse(event)));
  return {
    sawEnd: () => isRunFinished(status as RunDetail['status']),
    events: () => count,
    differencesFrom: (detail) => {
      const said = detail.nodeExecutions
        .filter((node) => nodes.get(node.nodeId) !== `${node.status} ${node.attempt}`)
        .map((node) => `${node.nodeId} is ${node.status} ${node.attempt}, the client has ${nodes.get(node.nodeId)}`);
      if (status !== detail.status) said.push(`it is ${detail.status}, the client has ${status}`);
      if (seq !== detail.seq) said.push(`it is at ${detail.seq}, the client at ${seq}`);
      return said;
    },
    stop: () => {
      isStopped = true;
      socket.close();
    },
  };
}
