import type { Express } from 'express';
import { sql } from 'kysely';
import type { Db } from '../db/client.ts';
import { answersInTime } from '../engine/probe.ts';
import type { ServerMetrics } from './metrics.ts';

export interface HealthOptions {
  readonly db: Db;
  readonly queue: { ping(): Promise<void> };
  readonly metrics: ServerMetrics;
  /** True once the server is shutting down: no new work should come here. */
  readonly isDraining: () => boolean;
}

/** `/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`: its figures. */
export function mountHealth(app: Express, { db, queue, metrics, isDraining }: HealthOptions): void {
  app.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });

  app.get('/readyz', async (_request, response) => {
    const [postgres, jobs] = await Promise.all([answersInTime(sql`select 1`.execute(db)), answersInTime(queue.ping())]);
    const draining = isDraining();
    const isReady = postgres && jobs && !draining;
    response.status(isReady ? 200 : 503).set('Cache-Control', 'no-store');
    response.json({
      status: isReady ? 'ready' : 'unavailable',
      postgres: postgres ? 'ok' : 'down',
      queue: jobs ? 'ok' : 'down',
      draining,
    });
  });

  app.get('/metrics', async (_request, response) => {
    response
      .set('Cache-Control', 'no-store')
      .type(metrics.registry.contentType)
      .send(await metrics.registry.metrics());
  });
}
