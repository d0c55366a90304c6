import { LRUCache } from 'lru-cache';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { markFailed, startRunSpan } from '../engine/tracing.ts';
import type { AttemptObserver } from './attempt-observer.ts';

interface WorkerMetrics {
  readonly registry: Registry;
  readonly observer: AttemptObserver;
  /** Sets where the number of attempts under way comes from. */
  countActive(active: () => number): void;
}

/** From a text to the longest model call, in seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** Waits of jobs whose attempt has not begun yet; an attempt that never begins leaves one behind. */
const maxWaits = 10_000;

/** A worker's own figures in Prometheus form, and its spans. Labels are bounded: never ids of users, runs or workflows. */
export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const wait = new Histogram({
    name: 'heddle_node_wait_seconds',
    help: 'Time that nodes waited in the queue, or for a place of the worker that kept them, by node type',
    labelNames: ['node_type'] as const,
    buckets,
    registers: [registry],
  });
  const run = new Histogram({
    name: 'heddle_node_run_seconds',
    help: 'Time from the begin of an attempt to the record of its end, by node type and outcome',
    labelNames: ['node_type', 'outcome'] as const,
    buckets,
    registers: [registry],
  });
  const retries = new Counter({
    name: 'heddle_node_retries_total',
    help: 'Attempts that failed and will be tried again, by node type',
    labelNames: ['node_type'] as const,
    registers: [registry],
  });
  let active = () => 0;
  new Gauge({
    name: 'heddle_active_attempts',
    help: 'Attempts that this worker executes now',
    registers: [registry],
    collect() {
      this.set(active());
    },
  });
  const waits = new LRUCache<string, number>({ max: maxWaits });

  return {
    registry,
    countActive: (source) => (active = source),
    observer: {
      waited: (id, milliseconds) => void waits.set(id, milliseconds),
      begin: ({ id, runId, nodeId, nodeType, attempt }) => {
        const waited = waits.get(id);
        if (waited !== undefined) {
          waits.delete(id);
          wait.observe({ node_type: nodeType }, waited / 1_000);
        }
        const begun = performance.now();
        const span = startRunSpan(runId, `node ${nodeType}`, {
          'heddle.node.id': nodeId,
          'heddle.node.type': nodeType,
          'heddle.node.execution.id': id,
          'heddle.node.attempt': attempt,
        });
        return (outcome) => {
          run.observe({ node_type: nodeType, outcome }, (performance.now() - begun) / 1_000);
          if (outcome === 'retried') retries.inc({ node_type: nodeType });
          span.setAttribute('heddle.node.outcome', outcome);
          if (outcome !== 'completed' && outcome !== 'cached') markFailed(span, outcome);
          span.end();
        };
      },
    },
  };
}
