import type { NextFunction, Request, Response } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type pg from 'pg';
import type { Db } from '../db/client.ts';
import { listInvariantChecks } from '../db/invariants/list-checks.ts';
import { countWork } from '../db/nodes/count.ts';
import { countWorkers } from '../db/workers/count.ts';
import type { RunQueue } from '../queue/run-queue.ts';
import type { LiveMeter } from './live/socket-server.ts';

/** Counters of a server, in the text format of Prometheus. */
export interface ServerMetrics extends LiveMeter {
  readonly registry: Registry;
  /** Express middleware that measures every request. */
  readonly measure: (request: Request, response: Response, next: NextFunction) => void;
}

/** Where figures that are not counted here are read. */
export interface MetricsSources {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly queue: Pick<RunQueue, 'counts'>;
}

/** Older events are sent again to somebody who was away; that is no lag. */
const oldestFreshMs = 30_000;

/** The server's own figures in Prometheus form. Labels are bounded: never ids of users, runs or workflows. */
export function createMetrics({ db, pool, queue }: MetricsSources): ServerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'heddle_http_request_seconds',
    help: 'Time from a request to the end of its answer, by route',
    labelNames: ['method', 'route', 'status'] as const,
    // From a cached read to a long wait for a run.
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers: [registry],
  });
  const liveEvents = new Counter({
    name: 'heddle_live_events_total',
    help: 'Events sent to live connections',
    registers: [registry],
  });
  const eventLag = new Histogram({
    name: 'heddle_event_lag_seconds',
    help: 'Time from the write of an event to when it goes to a live connection',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  });
  new Gauge({
    name: 'heddle_queue_jobs',
    help: 'Jobs by queue and state, as the queue sees them',
    labelNames: ['queue', 'state'] as const,
    registers: [registry],
    async collect() {
      const counts = await queue.counts().catch(() => []);
      this.reset();
      for (const { queue: name, waiting, active, delayed } of counts) {
        this.set({ queue: name, state: 'waiting' }, waiting);
        this.set({ queue: name, state: 'active' }, active);
        this.set({ queue: name, state: 'delayed' }, delayed);
      }
    },
  });
  new Gauge({
    name: 'heddle_workers',
    help: 'Worker sessions by state',
    labelNames: ['state'] as const,
    registers: [registry],
    async collect() {
      const counts = await countWorkers(pool).catch(() => null);
      this.reset();
      for (const [state, count] of Object.entries(counts ?? {})) this.set({ state }, count);
    },
  });
  const sockets = new Gauge({ name: 'heddle_sockets', help: 'Live connections', registers: [registry] });
  new Gauge({
    name: 'heddle_node_executions',
    help: 'Unfinished node executions by pool and status',
    labelNames: ['pool', 'status'] as const,
    registers: [registry],
    async collect() {
      // Metrics must come even while the database is away.
      const pools = await countWork(db).catch(() => []);
      this.reset();
      for (const { pool, queued, running } of pools) {
        this.set({ pool, status: 'queued' }, queued);
        this.set({ pool, status: 'running' }, running);
      }
    },
  });
  new Gauge({
    name: 'heddle_invariant_violations',
    help: 'Rows that broke an invariant of the engine when it was last checked; anything but 0 is a fault',
    labelNames: ['invariant'] as const,
    registers: [registry],
    async collect() {
      const checks = await listInvariantChecks(pool).catch(() => []);
      this.reset();
      for (const { name, violations } of checks) this.set({ invariant: name }, violations);
    },
  });

  return {
    registry,
    countLiveEvent: (at) => {
      liveEvents.inc();
      if (at === null) return;
      const lagMs = Date.now() - Date.parse(at);
      if (lagMs < oldestFreshMs) eventLag.observe(Math.max(0, lagMs) / 1_000);
    },
    setSockets: (count) => sockets.set(count),
    measure: (request, response, next) => {
      const end = requests.startTimer();
      response.once('close', () => {
        const route = request.route as { path?: unknown } | undefined;
        const label = typeof route?.path === 'string' ? route.path : 'other';
        end({ method: request.method, route: label, status: String(response.statusCode) });
      });
      next();
    },
  };
}
