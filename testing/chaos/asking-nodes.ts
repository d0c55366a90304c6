import type { CallContract } from '../../core/graph/call-contract.ts';
import type { Graph, GraphNode } from '../../core/graph/graph.ts';
import { nodeOf } from '../graphs.ts';
import type { Random } from './random.ts';

/** A workflow that random graphs call: it takes the text `in` and gives `out`. */
export interface CallableWorkflow {
  readonly workflowId: number;
  /** As it was published. */
  readonly graph: Graph;
  readonly contract: CallContract;
}

/** A question that somebody answers, perhaps twice at once, or that runs out of time. */
export function question(random: Random, id: string, data: object = {}): GraphNode {
  const buttons = ['yes', 'no'].map((button) => ({ id: button, label: '' }));
  const expiresInMs = random.chance(0.5) ? random.between(1_000, 4_000) : random.between(6_000, 9_000);
  return nodeOf(id, 'approve', { buttons, expiresInMs, onExpiry: 'no', ...data });
}

/** A node that calls a published workflow. */
export function call(id: string, { workflowId, contract }: CallableWorkflow, data: object = {}): GraphNode {
  return nodeOf(id, 'callWorkflow', { workflowId, version: contract.version, contract, ...data });
}
