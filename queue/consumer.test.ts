import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTcpProxy, type TcpProxy } from '../testing/chaos/tcp-proxy.ts';
import { describeOnBothQueues } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { createTestRedis } from '../testing/redis.ts';
import { openQueueBackend, type QueueBackend, type QueueLocation } from './backend.ts';
import { consumeNodes, type QueueConsumer } from './consumer.ts';
import { createRunQueue, type NodeJob, type RunQueue } from './run-queue.ts';

const runId = '00000000-0000-7000-8000-000000000000';
const jobs = (count: number): NodeJob[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `00000000-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`,
    runId,
    attempt: 1,
    pool: 'io',
  }));

describeOnBothQueues('a consumer of node jobs', (kind) => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let near: QueueBackend;
  /** Through a network that can be made slow. */
  let far: QueueBackend;
  /** How often it was told that something is wrong with its connections. */
  let farErrors: number;
  let queue: RunQueue;
  let consumer: QueueConsumer | undefined;
  beforeEach(async () => {
    database = await createTestDatabase();
    const location: QueueLocation = kind === 'postgres' ? { kind, url: database.url } : { kind, ...createTestRedis() };
    const url = new URL(location.url);
    proxy = await startTcpProxy(Number(url.port || 6379));
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    near = openQueueBackend(location, () => {});
    farErrors = 0;
    far = openQueueBackend({ ...location, url: url.href }, () => (farErrors += 1));
    queue = createRunQueue(near);
    await queue.addRuns([runId]);
  });
  afterEach(async () => {
    proxy.setDelay(0);
    await consumer?.stop();
    await queue.stop();
    await Promise.all([near.stop(), far.stop()]);
    await proxy.stop();
    await database.drop();
  });

  test('begins the first of many jobs before it has fetched the last, however slow the network', async () => {
    let begun = 0;
    let letGo: () => void;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    /** How many had been fetched when the first of the forty began. */
    let fetched: Promise<number> | undefined;
    consumer = consumeNodes(far, 'io', {
      concurrency: 64,
      execute: async () => {
        begun += 1;
        if (begun === 2) fetched = activeJobs();
        await held;
      },
    });
    const activeJobs = async () => (await queue.counts()).find((counts) => counts.queue === 'node-io')!.active;
    // It is connected and waits.
    await queue.addNodes(jobs(1));
    await eventually(() => begun === 1);

    proxy.setDelay(50);
    await queue.addNodes(jobs(41).slice(1));
    await eventually(() => begun === 41);
    letGo!();
    // Each of four consumers fetches one in a trip; all forty would be fetched where none begins before the last.
    expect(await fetched).toBeLessThan(30);
  });

  test('begins what goes first at once, although jobs end while others are fetched over a slow network', async () => {
    const [late, ...others] = jobs(61);
    await queue.addNodes(others);
    const tripMs = 100;
    let isAdded = false;
    const begunAfter: string[] = [];
    proxy.setDelay(tripMs / 2);
    consumer = consumeNodes(far, 'io', {
      concurrency: 16,
      execute: async ({ id }) => void (isAdded && begunAfter.push(id)),
    });
    await sleep(10 * tripMs);
    await queue.addNodes([{ ...late!, isFirst: true }]);
    isAdded = true;
    await eventually(() => begunAfter.includes(late!.id));
    // Behind those that were being fetched; it would be the eighth if it waited for its turn among the others.
    expect(begunAfter.indexOf(late!.id)).toBeLessThanOrEqual(4);
  });

  test('takes what goes first before what waits', async () => {
    const [a, b, late] = jobs(3);
    await queue.addNodes([a!, b!]);
    await queue.addNodes([{ ...late!, isFirst: true }]);
    const taken: string[] = [];
    consumer = consumeNodes(near, 'io', { concurrency: 1, execute: async ({ id }) => void taken.push(id) });
    await eventually(() => taken.length === 3);
    expect(taken[0]).toBe(late!.id);
  });

  test('begins what is offered later of a run whose orchestrator job is gone', async () => {
    const [job] = jobs(1);
    const other = '00000000-0000-7000-8000-000000000001';
    await queue.addNodes([{ ...job!, runId: other, delayMs: 20 }]);
    const taken: string[] = [];
    consumer = consumeNodes(near, 'io', { concurrency: 1, execute: async ({ id }) => void taken.push(id) });
    await eventually(() => taken.length === 1);
    expect(taken).toEqual([job!.id]);
  });

  test('has as many places as it was given', async () => {
    let [running, most, done] = [0, 0, 0];
    let letGo = () => {};
    const full = new Promise<void>((resolve) => (letGo = resolve));
    consumer = consumeNodes(near, 'io', {
      concurrency: 35,
      execute: async () => {
        most = Math.max(most, ++running);
        if (running === 35) letGo();
        await full;
        running -= 1;
        done += 1;
      },
    });
    await queue.addNodes(jobs(80));
    await eventually(() => done === 80);
    expect(most).toBe(35);
  });

  test('stops while the queue is away, and when what it was doing is done', async () => {
    const order: string[] = [];
    let letGo: () => void;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    let isBegun = false;
    consumer = consumeNodes(far, 'io', {
      concurrency: 4,
      execute: async () => {
        isBegun = true;
        await held;
        order.push('done');
      },
    });
    await queue.addNodes(jobs(1));
    await eventually(() => isBegun);
    await proxy.stop();
    // What waits for an answer gives up and tries to connect again, in vain.
    await eventually(() => farErrors > 0);
    const stopped = consumer.stop().then(() => order.push('stopped'));
    consumer = undefined;
    letGo!();
    await stopped;
    expect(order).toEqual(['done', 'stopped']);
  });
});
