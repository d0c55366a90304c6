import { expect, test } from '@jest/globals';
import { createWorkerMetrics } from './metrics.ts';

const attempt = { id: 'id', runId: '019a0000-0000-7000-8000-000000000001', nodeId: 'n', nodeType: 'llm', attempt: 1 };

test('a wait counts once, with the attempt that it was for', async () => {
  const { observer, registry } = createWorkerMetrics();
  observer.waited('id', 1_500);
  observer.begin(attempt)('completed');
  observer.begin({ ...attempt, attempt: 2 })('completed');
  const text = await registry.metrics();
  expect(text).toContain('heddle_node_wait_seconds_count{node_type="llm"} 1');
  expect(text).toContain('heddle_node_wait_seconds_sum{node_type="llm"} 1.5');
  expect(text).toContain('heddle_node_run_seconds_count{node_type="llm",outcome="completed"} 2');
});

test('an attempt that will be tried again is a retry', async () => {
  const { observer, registry } = createWorkerMetrics();
  observer.begin(attempt)('retried');
  observer.begin(attempt)('failed');
  const text = await registry.metrics();
  expect(text).toContain('heddle_node_retries_total{node_type="llm"} 1');
  expect(text).toContain('heddle_node_run_seconds_count{node_type="llm",outcome="failed"} 1');
});
