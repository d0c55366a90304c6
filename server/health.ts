import type { Express, Request } from 'express';
import { sql } from 'kysely';
import type { Db } from '../db/client.ts';
import { answersInTime } from '../boot/probe.ts';
import { sendProblem, type Reporting } from './http/answer.ts';
import { isFromInside } from './request/from-inside.ts';
import type { Gates } from './http/gates.ts';
import type { ServerMetrics } from './metrics.ts';

/** What is asked whether it is well. */
export interface HealthOptions extends Reporting {
  readonly db: Db;
  readonly queue: { ping(): Promise<void> };
  readonly metrics: ServerMetrics;
  readonly gates: Gates;
  readonly settings: { readonly publicUrl: string | null };
  /** True once the server is shutting down: no new work should come here. */
  readonly isDraining: () => boolean;
}

/** Figures tell how much an installation is used, and by which version: through a proxy only an owner reads them. */
const ofOwners = { method: 'get', path: '/metrics', auth: 'owner', scope: 'read' } as const;

/**
 * `/healthz`: the process lives. `/readyz`: it can do its work; what of it cannot is told to programs beside the server.
 * `/metrics`: its figures, for those programs and for owners.
 */
export function mountHealth(app: Express, options: HealthOptions): void {
  const { db, queue, metrics, gates, isDraining } = options;
  const isInside = (request: Request) => isFromInside(request, options.settings.publicUrl);

  app.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });

  app.get('/readyz', async (request, response) => {
    const [postgres, jobs] = await Promise.all([answersInTime(sql`select 1`.execute(db)), answersInTime(queue.ping())]);
    const draining = isDraining();
    const isReady = postgres && jobs && !draining;
    response.status(isReady ? 200 : 503).set('Cache-Control', 'no-store');
    const parts = { postgres: postgres ? 'ok' : 'down', queue: jobs ? 'ok' : 'down', draining };
    response.json({ status: isReady ? 'ready' : 'unavailable', ...(isInside(request) ? parts : {}) });
  });

  app.get('/metrics', async (request, response) => {
    try {
      if (!isInside(request)) await gates.identify(ofOwners, request);
    } catch (error) {
      await sendProblem(request, response, error, options);
      return;
    }
    response
      .set('Cache-Control', 'no-store')
      .type(metrics.registry.contentType)
      .send(await metrics.registry.metrics());
  });
}
