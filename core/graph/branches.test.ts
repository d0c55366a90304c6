import { describe, expect, test } from '@jest/globals';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { edgeOf, graphOf, nodeOf, sha256 } from '../../testing/graphs.ts';
import type { RunMode } from '../run/status.ts';
import { foretellBranches, planBranches } from './branches.ts';
import type { Graph } from './graph.ts';
import { planRun } from './plan.ts';
import { structureOf } from './structure.ts';

const graph: Graph = {
  nodes: [
    nodeOf('t', 'text'),
    nodeOf('if', 'if'),
    nodeOf('yes'),
    nodeOf('no'),
    nodeOf('both', 'merge'),
    nodeOf('apart', 'text'),
  ],
  edges: [
    edgeOf('t', 'if'),
    edgeOf('if', 'yes', { sourceHandle: 'true' }),
    edgeOf('if', 'no', { sourceHandle: 'false' }),
    edgeOf('no', 'both'),
    edgeOf('yes', 'both'),
  ],
};

function plan(
  graphOfRun: Graph,
  {
    mode = 'all',
    nodeIds = [],
    given = {},
  }: { mode?: RunMode; nodeIds?: string[]; given?: Record<string, string[]> } = {},
) {
  const structure = structureOf(graphOfRun, nodeCatalogue);
  const request = { graph: graphOfRun, structure, catalogue: nodeCatalogue, mode, nodeIds, hash: sha256 };
  const plain = planRun({ ...request, finished: new Set(Object.keys(given)), defaultTimeoutMs: 1_000 });
  const outputs = new Map(Object.entries(given).map(([id, names]) => [id, (name: string) => names.includes(name)]));
  const planned = planBranches(plain, structure, nodeCatalogue, outputs);
  return { plain, planned, byId: new Map(planned.nodes.map((node) => [node.nodeId, node])) };
}

describe('the plan of a run with branches', () => {
  test('writes down the edges of what a branch leads to, and of nothing else', () => {
    const { byId } = plan(graph);
    expect([...byId].flatMap(([id, { edges }]) => (edges === undefined ? [] : [id]))).toEqual(['yes', 'no', 'both']);
    expect(byId.get('yes')!.edges).toEqual([{ id: 'if-yes', from: 'if', out: 'true', need: 0 }]);
    expect(byId.get('both')).toMatchObject({
      pendingDependencies: 2,
      edges: [
        { id: 'no-both', from: 'no', need: 0 },
        { id: 'yes-both', from: 'yes', need: 0 },
      ],
    });
  });

  test('is the very plan where the graph has none', () => {
    const { plain, planned } = plan(graphOf(['a', 'b'], ['a>b']));
    expect(planned).toBe(plain);
  });

  test('knows from outputs that are reused which way was taken', () => {
    const { byId } = plan(graph, { given: { t: ['output'], if: ['true'] } });
    expect(byId.get('yes')).toMatchObject({ action: 'run', pendingDependencies: 0 });
    expect(byId.get('yes')!.edges).toBeUndefined();
    expect(byId.get('no')).toMatchObject({ action: 'skip', edges: [{ id: 'if-no', state: 'dead' }] });
    expect(byId.get('both')).toMatchObject({
      action: 'run',
      pendingDependencies: 1,
      edges: [{ id: 'no-both', state: 'dead' }, { id: 'yes-both' }],
    });
  });

  test('says whose error is handled, only where what handles it takes part', () => {
    const handled: Graph = {
      nodes: [nodeOf('a'), nodeOf('next'), nodeOf('rescue')],
      edges: [edgeOf('a', 'next', { sourceHandle: 'output' }), edgeOf('a', 'rescue', { sourceHandle: 'error' })],
    };
    const whole = plan(handled).byId;
    expect(whole.get('a')!.handlesError).toBe(true);
    expect(whole.get('next')!.edges).toEqual([{ id: 'a-next', from: 'a', out: 'output', need: 0 }]);
    expect(whole.get('rescue')!.edges).toEqual([{ id: 'a-rescue', from: 'a', out: 'error', need: 0 }]);
    const part = plan(handled, { mode: 'selected', nodeIds: ['a', 'next'] }).byId;
    expect(part.get('a')!.handlesError).toBeUndefined();
    expect(part.get('next')!.edges).toBeUndefined();
  });

  test('an input that need not have a value has no number', () => {
    const optional: Graph = {
      nodes: [nodeOf('if', 'if'), nodeOf('model', 'llm')],
      edges: [
        edgeOf('if', 'model', { id: 'system', sourceHandle: 'true', targetHandle: 'system_prompt' }),
        edgeOf('if', 'model', { id: 'user', sourceHandle: 'false', targetHandle: 'user_message' }),
      ],
    };
    expect(plan(optional).byId.get('model')!.edges).toEqual([
      { id: 'system', from: 'if', out: 'true' },
      { id: 'user', from: 'if', out: 'false', need: 1 },
    ]);
  });

  test('foretells what is reached for sure, perhaps, and only where something fails', () => {
    const withError: Graph = {
      nodes: [...graph.nodes, nodeOf('rescue')],
      edges: [...graph.edges, edgeOf('both', 'rescue', { sourceHandle: 'error' })],
    };
    expect(Object.fromEntries(foretellBranches(plan(withError).planned, nodeCatalogue))).toEqual({
      t: 'runs',
      if: 'runs',
      apart: 'runs',
      yes: 'unsure',
      no: 'unsure',
      both: 'unsure',
      rescue: 'skipped',
    });
  });
});
