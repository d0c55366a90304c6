import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface WorkerMetrics {
  readonly registry: Registry;
}

/** A worker's own figures in Prometheus form. Labels are bounded: never ids of users, runs or workflows. */
export function createWorkerMetrics(activeAttempts: () => number): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'heddle_active_attempts',
    help: 'Attempts that this worker executes now',
    registers: [registry],
    collect() {
      this.set(activeAttempts());
    },
  });
  return { registry };
}
