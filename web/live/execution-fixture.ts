import type { NodeExecution } from '../../core/api/runs.ts';

/** For tests: a node execution that completed with nothing to tell, but for what is said otherwise. */
export function nodeExecution(change: Partial<NodeExecution> = {}): NodeExecution {
  return {
    id: '0198c0de-0000-7000-8000-00000000000a',
    runId: '0198c0de-0000-7000-8000-000000000001',
    nodeId: 'a',
    nodeType: 'llm',
    nodeLabel: null,
    status: 'COMPLETED',
    cached: false,
    attempt: 1,
    inputData: null,
    outputData: null,
    error: null,
    errorCode: null,
    queuedAt: null,
    startedAt: null,
    finishedAt: null,
    duration: null,
    workerId: null,
    usage: null,
    skipReason: null,
    edges: null,
    parts: null,
    partId: null,
    ...change,
  };
}
