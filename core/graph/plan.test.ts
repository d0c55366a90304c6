import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { arbitraryGraph, chainOf, edgeOf, graphOf, layersOf, nodeOf, sha256 } from '../../testing/graphs.ts';
import { runModes, type RunMode } from '../run/status.ts';
import type { Graph } from './graph.ts';
import { planRun, type PlannedNode, type PlanRequest } from './plan.ts';
import { validateGraph } from './validate.ts';

function plan(graph: Graph, request: Partial<PlanRequest> = {}): readonly PlannedNode[] {
  return planRun({
    graph,
    catalogue: nodeCatalogue,
    mode: 'all',
    nodeIds: [],
    hash: sha256,
    defaultTimeoutMs: 600_000,
    ...request,
  }).nodes;
}

/** `id`, `id*` for a reused one, with the number of dependencies it waits for. */
function outline(nodes: readonly PlannedNode[]): string[] {
  return nodes.map((node) => `${node.nodeId}${node.action === 'reuse' ? '*' : ''} ${node.pendingDependencies}`);
}

/*  a -> b -> c -> d      with a second way a -> c, and x -> y apart from it */
const graph = graphOf(['a', 'b', 'c', 'd', 'x', 'y'], ['a>b', 'b>c', 'a>c', 'c>d', 'x>y']);

describe('the scope of a run', () => {
  test.each<[RunMode, string[], string[]]>([
    ['all', [], ['a 0', 'x 0', 'b 1', 'y 1', 'c 2', 'd 1']],
    ['selected', ['b'], ['a* 0', 'b 0']],
    ['selected', ['c'], ['a* 0', 'b* 0', 'c 0']],
    ['selected', ['a', 'c'], ['a 0', 'b* 0', 'c 1']],
    ['selected', ['a', 'd'], ['a 0', 'c* 0', 'd 0']],
    ['from', ['b'], ['a* 0', 'b 0', 'c 1', 'd 1']],
    ['from', ['c', 'x'], ['a* 0', 'x 0', 'b* 0', 'y 1', 'c 0', 'd 1']],
    ['to', ['c'], ['a 0', 'b 1', 'c 2']],
    ['to', ['b', 'y'], ['a 0', 'x 0', 'b 1', 'y 1']],
  ])('%s %j is %j', (mode, nodeIds, expected) => {
    expect(outline(plan(graph, { mode, nodeIds }))).toEqual(expected);
  });

  test('of a diamond waits for both branches at the join', () => {
    const diamond = graphOf(['t', 'l', 'r', 'j'], ['t>l', 't>r', 'l>j', 'r>j']);
    expect(outline(plan(diamond))).toEqual(['t 0', 'l 1', 'r 1', 'j 2']);
    expect(plan(diamond).map(({ dependents }) => dependents)).toEqual([['l', 'r'], ['j'], ['j'], []]);
  });

  test('leaves out what is turned off, and everything that needs it', () => {
    const without = (id: string): Graph => ({
      ...graph,
      nodes: graph.nodes.map((node) => (node.id === id ? { ...node, data: { ...node.data, off: true } } : node)),
    });
    expect(outline(plan(without('c')))).toEqual(['a 0', 'x 0', 'b 1', 'y 1']);
    expect(outline(plan(without('a')))).toEqual(['x 0', 'y 1']);
    expect(outline(plan(without('c'), { mode: 'from', nodeIds: ['b'] }))).toEqual(['a* 0', 'b 0']);
    expect(plan(without('c'), { mode: 'selected', nodeIds: ['d'] })).toEqual([]);
    // It says nothing about what a node does: earlier outputs still fit.
    const fingerprint = (of: Graph) => plan(of).find(({ nodeId }) => nodeId === 'b')?.fingerprint;
    expect(fingerprint(without('c'))).toBe(fingerprint(graph));
  });

  test('never holds annotations, not even when they are selected', () => {
    const noted: Graph = { ...graph, nodes: [nodeOf('memo', 'note'), ...graph.nodes, nodeOf('box', 'group')] };
    expect(outline(plan(noted))).toEqual(outline(plan(graph)));
    for (const mode of ['selected', 'from', 'to'] as const) {
      expect(outline(plan(noted, { mode, nodeIds: ['memo', 'a', 'box', 'ghost'] }))).toEqual(
        outline(plan(graph, { mode, nodeIds: ['a'] })),
      );
    }
    expect(plan({ nodes: [nodeOf('memo', 'note')], edges: [] })).toEqual([]);
  });

  test('names a node once that is asked for twice', () => {
    expect(outline(plan(graph, { mode: 'selected', nodeIds: ['a', 'a'] }))).toEqual(['a 0']);
  });

  test('counts two edges from one node as one dependency', () => {
    const twice: Graph = {
      nodes: [nodeOf('t', 'text'), nodeOf('m', 'llm')],
      edges: ['system_prompt', 'user_message'].map((id) => edgeOf('t', 'm', { id, targetHandle: id })),
    };
    expect(outline(plan(twice))).toEqual(['t 0', 'm 1']);
    expect(plan(twice)[0]!.dependents).toEqual(['m']);
  });
});

describe('a retry', () => {
  test('reuses what is finished and executes the rest', () => {
    expect(outline(plan(graph, { finished: new Set(['a', 'b', 'x', 'y']) }))).toEqual([
      'a* 0',
      'x* 0',
      'b* 0',
      'y* 0',
      'c 0',
      'd 1',
    ]);
  });

  test('keeps the scope of the run that it retries', () => {
    const retry = plan(graph, { mode: 'from', nodeIds: ['b'], finished: new Set(['a', 'b']) });
    expect(outline(retry)).toEqual(['a* 0', 'b* 0', 'c 0', 'd 1']);
  });

  test('has nothing to execute where everything is finished', () => {
    const retry = plan(graph, { finished: new Set(['a', 'b', 'c', 'd', 'x', 'y']) });
    expect(retry.every(({ action }) => action === 'reuse')).toBe(true);
  });

  test('passes over a finished id that the graph does not have', () => {
    expect(outline(plan(graph, { mode: 'selected', nodeIds: ['a'], finished: new Set(['gone']) }))).toEqual(['a 0']);
  });
});

describe('a planned node', () => {
  test('carries what the engine needs to know of its type and config', () => {
    const nodes: Graph = {
      nodes: [
        nodeOf('t', 'text', { label: 'Prompt' }),
        nodeOf('p', 'image', { image: 'https://example.com/a.png' }),
        nodeOf('c', 'cropImage', { label: 'l'.repeat(255) }),
        nodeOf('d', 'delay', { ms: 5_000 }),
      ],
      edges: [edgeOf('p', 'c')],
    };
    expect(
      plan(nodes).map(({ nodeId, nodeType, nodeLabel, pool, timeoutMs }) => [
        nodeId,
        nodeType,
        nodeLabel,
        pool,
        timeoutMs,
      ]),
    ).toEqual([
      ['t', 'text', 'Prompt', 'inline', 600_000],
      ['p', 'image', null, 'io', 600_000],
      ['d', 'delay', null, 'io', 65_000],
      ['c', 'cropImage', 'l'.repeat(255), 'cpu', 600_000],
    ]);
  });

  test('has the same fingerprint whatever the scope', () => {
    const all = new Map(plan(graph).map(({ nodeId, fingerprint }) => [nodeId, fingerprint]));
    for (const { nodeId, fingerprint } of plan(graph, { mode: 'selected', nodeIds: ['d'] })) {
      expect(fingerprint).toBe(all.get(nodeId));
    }
  });
});

describe('any plan of any graph', () => {
  const requests = fc.record({
    graph: arbitraryGraph({ maxNodes: 15, cyclic: false }),
    mode: fc.constantFrom(...runModes),
    picks: fc.array(fc.nat(), { maxLength: 5 }),
    done: fc.array(fc.nat(), { maxLength: 5 }),
  });
  const planOf = ({ graph, mode, picks, done }: typeof requests extends fc.Arbitrary<infer T> ? T : never) => {
    const ids = graph.nodes.map(({ id }) => id);
    const pick = (numbers: readonly number[]) => numbers.map((number) => ids[number % ids.length]!);
    return plan(graph, { mode, nodeIds: pick(picks), finished: new Set(pick(done)) });
  };

  test('lists dependencies before dependents, each node once', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const nodes = planOf(request);
        const seen = new Set<string>();
        const planned = new Set(nodes.map(({ nodeId }) => nodeId));
        for (const node of nodes) {
          expect(seen.has(node.nodeId)).toBe(false);
          for (const id of node.dependencies) expect(seen.has(id) || !planned.has(id)).toBe(true);
          seen.add(node.nodeId);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('waits for exactly the edges between two executed nodes, and can be worked off', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const nodes = planOf(request);
        const executed = new Set(nodes.filter(({ action }) => action === 'run').map(({ nodeId }) => nodeId));
        const inRun = request.graph.edges.filter(({ source, target }) => executed.has(source) && executed.has(target));
        const waits = nodes.reduce((sum, node) => sum + node.pendingDependencies, 0);
        expect(waits).toBe(inRun.length);
        const wakes = nodes.filter(({ nodeId }) => executed.has(nodeId)).flatMap(({ dependents }) => dependents);
        expect(wakes).toHaveLength(inRun.length);

        const left = new Map(nodes.map((node) => [node.nodeId, node.pendingDependencies]));
        const queue = nodes.filter((node) => node.action === 'run' && node.pendingDependencies === 0);
        for (const node of queue) {
          for (const id of node.dependents) {
            left.set(id, left.get(id)! - 1);
            if (left.get(id) === 0) queue.push(nodes.find(({ nodeId }) => nodeId === id)!);
          }
        }
        expect(queue).toHaveLength(executed.size);
      }),
      { numRuns: 300 },
    );
  });

  test('holds every output that an executed node needs', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const nodes = planOf(request);
        const planned = new Set(nodes.map(({ nodeId }) => nodeId));
        for (const node of nodes) {
          if (node.action === 'run') for (const id of node.dependencies) expect(planned.has(id)).toBe(true);
          if (node.action === 'reuse') expect(node.pendingDependencies).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a large graph', () => {
  const limits = { maxNodes: Infinity, maxEdges: Infinity, maxChain: Infinity, maxFanOut: Infinity };

  test('of 100,000 nodes in one line does not overflow the stack', () => {
    const line = chainOf(100_000);
    expect(plan(line, { mode: 'to', nodeIds: ['n99999'] })).toHaveLength(100_000);
  });

  test.each<[string, (nodes: number) => Graph]>([
    ['in one line', chainOf],
    ['in layers of 50, each node joined to 4', (nodes) => layersOf(nodes / 50, 50, 4)],
    [
      'around one hub',
      (nodes) =>
        graphOf(
          ['hub', ...names(nodes - 1)],
          names(nodes - 1).map((id) => `hub>${id}`),
        ),
    ],
    // How long it takes, and that this grows with the size alone, is told by `npm run bench -- growth`.
  ])('of 5,000 nodes %s is found valid and planned whole', (_title, graphOfSize) => {
    const graph = graphOfSize(5_000);
    expect(validateGraph(graph, nodeCatalogue, limits)).toEqual([]);
    expect(plan(graph)).toHaveLength(graph.nodes.length);
  });
});

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index}`);
}
