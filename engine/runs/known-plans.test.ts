import { expect, test } from '@jest/globals';
import { catalogueOf } from '../../core/node-type/definition.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { createAddressRules } from '../../net/address-rules.ts';
import { createTestEngine, unavailable } from '../../testing/engine.ts';
import { graphOf, nodeOf } from '../../testing/graphs.ts';
import { createKnownPlans, type KnownPlans } from './known-plans.ts';
import { createKnownWorkflows, hashedGraph } from './known-workflows.ts';
import { createRunStarts } from './run-starts.ts';
import { startRun } from './start-run.ts';

const rules = {
  catalogue: catalogueOf(nodeDefinitions),
  graphLimits: { maxNodes: 10, maxEdges: 10, maxChain: 10, maxFanOut: 10 },
  addresses: createAddressRules(),
  nodeTimeoutMs: 60_000,
};
const tinyWorkflow = (workflowId: number) => ({
  ...hashedGraph(workflowId, graphOf(['a'])),
  revision: 1,
  characters: 100,
});

test('a plan is made once for each graph and scope', () => {
  const plans = createKnownPlans(rules);
  const all = plans.planOf(tinyWorkflow(1), {});
  const selected = plans.planOf(tinyWorkflow(1), { nodeIds: ['a'] });
  expect(selected).toMatchObject({ mode: 'selected' });
  expect(plans.planOf(tinyWorkflow(1), {})).toBe(all);
  expect(plans.planOf(tinyWorkflow(1), { nodeIds: ['a'] })).toBe(selected);
});

test('about a thousand plans are remembered, however small their graphs are', () => {
  const plans = createKnownPlans(rules);
  const made = Array.from({ length: 1_100 }, (_, id) => plans.planOf(tinyWorkflow(id), {}));
  expect(plans.planOf(tinyWorkflow(1_099), {})).toBe(made[1_099]);
  expect(plans.planOf(tinyWorkflow(0), {})).not.toBe(made[0]);
});

test('the plan of a graph with the values of one run is not remembered', async () => {
  const engine = await createTestEngine('postgres');
  try {
    const { starterDependencies, pool } = engine;
    const starting = {
      ...starterDependencies,
      workflows: createKnownWorkflows(pool),
      plans: unavailable<KnownPlans>('plans'),
      starts: createRunStarts({ ...starterDependencies, onStarted: () => {} }),
    };
    const workflow = await engine.createWorkflow({
      nodes: [nodeOf('t', 'text', { text: 'own', input: { name: 'topic' } })],
      edges: [],
    });
    const request = { userId: 'user-1', triggerType: 'API', workflow } as const;
    expect(await startRun(starting, { ...request, inputs: { topic: 'given' } })).toMatchObject({
      graph: { nodes: [{ data: { text: 'given' } }] },
    });
    await expect(startRun(starting, request)).rejects.toThrow('This test has no plans');
  } finally {
    await engine.stop();
  }
});
