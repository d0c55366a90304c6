/** Queues apart from each other, so that media work cannot starve calls that just wait. */
export const nodePools = ['io', 'cpu'] as const;
export type NodePool = (typeof nodePools)[number];

/** One job per run: the parent of its node jobs. */
export const orchestratorQueueName = 'orchestrator';

/** The queue of a pool, without the prefix of the installation. */
export function nodeQueueName(pool: NodePool): string {
  return `node-${pool}`;
}
