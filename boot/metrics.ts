import type pg from 'pg';
import { Counter, Gauge, type Registry } from 'prom-client';

/** How full the pool of database connections is. */
export function measurePool(registry: Registry, pool: pg.Pool): void {
  new Gauge({
    name: 'heddle_db_connections',
    help: 'Connections of this process to Postgres: busy, idle, the most there may be, and callers that wait for one',
    labelNames: ['state'] as const,
    registers: [registry],
    collect() {
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'most' }, pool.options.max);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
}

/** Counts attempts that the sweeper of this process took from dead workers. */
export function countRescues(registry: Registry): (attempts: number) => void {
  const rescues = new Counter({
    name: 'heddle_rescued_attempts_total',
    help: 'Attempts that were taken from dead workers by the sweeper of this process',
    registers: [registry],
  });
  return (attempts) => rescues.inc(attempts);
}
