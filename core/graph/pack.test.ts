import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { edgeOf, nodeOf } from '../../testing/graphs.ts';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { callContractOf } from './calls.ts';
import type { GraphFinding } from './findings.ts';
import type { Graph } from './graph.ts';
import { defaultGraphLimits } from './limits.ts';
import { loopsOf } from './loops.ts';
import { mappingOf } from './mapping.ts';
import { packSelection, type PackedSelection } from './pack.ts';
import { structureOf } from './structure.ts';
import { unpackCall } from './unpack.ts';
import { validateGraph } from './validate.ts';

const pack = (graph: Graph, nodeIds: readonly string[]) =>
  packSelection({ graph, catalogue: nodeCatalogue, nodeIds, name: 'Part' });
const isPacked = (result: PackedSelection | readonly GraphFinding[]): result is PackedSelection => 'inner' in result;

function packed(graph: Graph, nodeIds: readonly string[]) {
  const result = pack(graph, nodeIds);
  if (!isPacked(result)) throw new Error(result.map(({ message }) => message).join(' '));
  const contract = callContractOf({ name: 'Part', version: 1, data: result.inner }, nodeCatalogue);
  return { inner: result.inner, contract, outer: result.replaced({ workflowId: 7, contract }) };
}

function unpacked({ inner, outer }: { inner: Graph; outer: Graph }): Graph {
  const { id } = outer.nodes.find(({ type }) => type === 'callWorkflow')!;
  const graph = unpackCall({ graph: outer, catalogue: nodeCatalogue, nodeId: id, called: inner });
  if (!('nodes' in graph)) throw new Error(graph.map(({ message }) => message).join(' '));
  return graph;
}

/** What of a graph makes a difference: edges into one node keep their order. */
function content(graph: Graph) {
  const { nodes } = graph;
  const { incoming } = structureOf(graph, nodeCatalogue);
  return { nodes: Object.fromEntries(nodes.map((node) => [node.id, node])), incoming: Object.fromEntries(incoming) };
}

const at = (x: number, y = 0) => ({ x, y });

/** topic -> greet -> shout -> end; name -> greet as well. */
const chain: Graph = {
  nodes: [
    { ...nodeOf('topic', 'text', { label: 'Topic', text: 'a' }), position: at(0) },
    { ...nodeOf('greet', 'template', { label: 'Greet', template: '{{a}} and {{b}}' }), position: at(340) },
    { ...nodeOf('shout', 'replaceText', { label: 'Shout', find: 'a', replacement: 'b' }), position: at(680, 40) },
    { ...nodeOf('end', 'output', { name: 'end' }), position: at(1_020) },
  ],
  edges: [
    edgeOf('topic', 'greet', { id: 'e1', targetHandle: 'a' }),
    edgeOf('topic', 'greet', { id: 'e2', targetHandle: 'b' }),
    edgeOf('greet', 'shout', { id: 'e3', targetHandle: 'text' }),
    edgeOf('shout', 'end', { id: 'e4', targetHandle: 'value' }),
  ],
};

describe('a selection', () => {
  test('becomes a workflow with named inputs and results, and a call in its place', () => {
    const { inner, contract, outer } = packed(chain, ['greet', 'shout']);
    expect(contract).toMatchObject({
      inputs: [{ name: 'topic', title: 'Topic', dataType: 'text', required: true }],
      outputs: [{ name: 'shout', dataType: 'text' }],
    });
    expect(inner.edges.map(({ source, target }) => `${source} ${target}`)).toEqual([
      'input-topic greet',
      'input-topic greet',
      'greet shout',
      'shout result-shout',
    ]);
    expect(outer.nodes.map(({ id }) => id)).toEqual(['topic', 'call', 'end']);
    expect(outer.nodes[1]).toMatchObject({ position: at(340), data: { label: 'Part', workflowId: 7, version: 1 } });
    expect(outer.edges).toMatchObject([
      { id: 'e1', source: 'topic', target: 'call', targetHandle: 'topic' },
      { id: 'e4', source: 'call', sourceHandle: 'shout', target: 'end' },
    ]);
    expect(validateGraph(outer, nodeCatalogue, defaultGraphLimits)).toEqual([]);
    expect(validateGraph(inner, nodeCatalogue, defaultGraphLimits)).toEqual([]);
    expect(content(unpacked({ inner, outer }))).toEqual(content(chain));
  });

  test('of what is repeated is called once for each element, with the settings of that', () => {
    const graph: Graph = {
      nodes: [
        nodeOf('words', 'list', { type: 'text', items: ['a'] }),
        nodeOf('one', 'replaceText', { label: 'One', find: 'a', each: { concurrency: 2, onError: 'goOn' } }),
        nodeOf('two', 'replaceText', { label: 'Two', find: 'a' }),
        nodeOf('three', 'replaceText', { label: 'Three', find: 'a' }),
      ],
      edges: [
        edgeOf('words', 'one', { targetHandle: 'text' }),
        edgeOf('one', 'two', { targetHandle: 'text' }),
        edgeOf('two', 'three', { targetHandle: 'text' }),
      ],
    };
    const result = packed(graph, ['one', 'two']);
    expect(result.contract.inputs).toMatchObject([{ dataType: 'text' }]);
    expect(result.outer.nodes.find(({ id }) => id === 'call')?.data['each']).toEqual({
      concurrency: 2,
      onError: 'goOn',
    });
    const mapping = mappingOf(structureOf(result.outer, nodeCatalogue), nodeCatalogue);
    expect([mapping.depthOf('call'), mapping.depthOf('three')]).toEqual([1, 1]);
    expect(content(unpacked(result))).toEqual(content(graph));
    // All of it takes the list itself.
    const whole = packed(graph, ['one', 'two', 'three']);
    expect(whole.contract.inputs).toMatchObject([{ dataType: 'list<text>' }]);
    expect(content(unpacked(whole))).toEqual(content(graph));
  });

  const loop: Graph = {
    nodes: [
      nodeOf('text', 'text', { text: 'a' }),
      nodeOf('again', 'repeat', { label: 'Again', max: 3 }),
      nodeOf('do', 'replaceText', { label: 'Do', find: 'a' }),
      nodeOf('end', 'until', { label: 'End', operator: 'isEmpty' }),
      nodeOf('marked', 'text', { label: 'Marked', text: 'x', input: { name: 'marked' } }),
      nodeOf('off', 'text', { label: 'Off', text: 'x', off: true }),
    ],
    edges: [
      edgeOf('text', 'again', { targetHandle: 'value' }),
      edgeOf('again', 'do', { targetHandle: 'text' }),
      edgeOf('do', 'end', { targetHandle: 'value' }),
    ],
  };

  test('may be a whole loop, or lie within one', () => {
    for (const ids of [['again', 'do', 'end'], ['do']]) {
      const result = packed(loop, ids);
      expect(content(unpacked(result))).toEqual(content(loop));
      expect(loopsOf(structureOf(result.outer, nodeCatalogue), nodeCatalogue).findings).toEqual([]);
      expect(loopsOf(structureOf(result.inner, nodeCatalogue), nodeCatalogue).findings).toEqual([]);
    }
  });

  test('in a frame stays there, and takes frames along', () => {
    const framed: Graph = {
      nodes: [
        { ...nodeOf('frame', 'group', { label: 'Frame' }), position: at(300, 100) },
        ...chain.nodes.map((node) =>
          node.id === 'greet' || node.id === 'shout' ? { ...node, position: at(20, 40), parentId: 'frame' } : node,
        ),
      ],
      edges: chain.edges,
    };
    const within = packed(framed, ['greet']);
    expect(within.outer.nodes.find(({ id }) => id === 'call')).toMatchObject({
      parentId: 'frame',
      position: at(20, 40),
    });
    expect(content(unpacked(within))).toEqual(content(framed));
    const whole = packed(framed, ['frame']);
    expect(whole.outer.nodes.map(({ id }) => id)).toEqual(['call', 'topic', 'end']);
    expect(content(unpacked(whole))).toEqual(content(framed));
  });

  test.each([
    ['that is empty', chain, [], 'There is nothing to make a workflow of.'],
    ['with a result of the workflow', chain, ['shout', 'end'], '"Output" is a result of this workflow.'],
    ['with an input of the workflow', loop, ['marked'], '"Marked" is an input of this workflow.'],
    ['with a node that is turned off', loop, ['off'], '"Off" is turned off.'],
    [
      'that would come after itself',
      chain,
      ['topic', 'shout'],
      'A path from the selection leads back into it by way of "Greet"',
    ],
    ['with one end of a loop', loop, ['again', 'do'], 'The selection has only one end of the loop of "Again"'],
  ] as const)('%s is refused', (_name, graph, ids, message) => {
    const result = pack(graph, ids);
    expect(isPacked(result) ? [] : result.map((finding) => finding.message)).toContainEqual(
      expect.stringContaining(message),
    );
  });

  test('that cuts through what is repeated is refused', () => {
    const graph: Graph = {
      nodes: [
        nodeOf('words', 'list', { type: 'text', items: ['a'] }),
        nodeOf('one', 'replaceText', { label: 'One', find: 'a' }),
        nodeOf('two', 'replaceText', { label: 'Two', find: 'a' }),
        nodeOf('join', 'joinText', { label: 'Join' }),
      ],
      edges: [
        edgeOf('words', 'one', { targetHandle: 'text' }),
        edgeOf('one', 'two', { targetHandle: 'text' }),
        edgeOf('two', 'join', { targetHandle: 'texts' }),
      ],
    };
    expect(pack(graph, ['two', 'join'])).toMatchObject([
      { code: 'SELECTION_INVALID', message: expect.stringContaining('cuts through') },
    ]);
    expect(content(unpacked(packed(graph, ['one', 'two', 'join'])))).toEqual(content(graph));
  });
});

describe('a call', () => {
  test('is not unpacked where something leads from its error, or a list would be gathered that was not', () => {
    const result = packed(chain, ['greet', 'shout']);
    const call = result.outer.nodes.find(({ type }) => type === 'callWorkflow')!.id;
    const withError = {
      ...result.outer,
      edges: [...result.outer.edges, edgeOf(call, 'end', { sourceHandle: 'error' })],
    };
    const of = (graph: Graph, called: Graph) => unpackCall({ graph, catalogue: nodeCatalogue, nodeId: call, called });
    expect(of(withError, result.inner)).toMatchObject([{ message: expect.stringContaining('"error"') }]);
    const joined: Graph = {
      nodes: [
        nodeOf('in', 'text', { text: '', input: { name: 'topic' } }),
        nodeOf('join', 'joinText', { label: 'Join' }),
        nodeOf('out', 'output', { name: 'shout' }),
      ],
      edges: [edgeOf('in', 'join', { targetHandle: 'texts' }), edgeOf('join', 'out', { targetHandle: 'value' })],
    };
    const mapped: Graph = {
      ...result.outer,
      nodes: result.outer.nodes.map((node) => (node.id === 'topic' ? nodeOf('topic', 'list', { type: 'text' }) : node)),
    };
    expect(of(mapped, joined)).toMatchObject([{ message: expect.stringContaining('Keep the call.') }]);
  });

  test('keeps inputs that it gives nothing to as nodes, and gives free ids', () => {
    const result = packed(chain, ['greet', 'shout']);
    const outer: Graph = {
      nodes: [...result.outer.nodes, nodeOf('greet', 'text', { text: 'taken' })],
      edges: result.outer.edges.filter(({ target }) => target !== 'call'),
    };
    const graph = unpacked({ inner: result.inner, outer });
    expect(graph.nodes.map(({ id }) => id)).toEqual(['topic', 'input-topic', 'greet-2', 'shout', 'end', 'greet']);
    expect(graph.nodes.find(({ id }) => id === 'input-topic')?.data['input']).toBeUndefined();
  });
});

/** Inputs by type: handle ids of those that tests connect. */
const kinds = {
  text: [],
  list: [],
  replaceText: ['text'],
  splitText: ['text'],
  joinText: ['texts', 'texts'],
  pick: ['items'],
  if: ['value'],
  merge: ['values', 'values'],
  collect: ['items', 'items'],
} as const;
const outputsOf = (type: string) => (type === 'if' ? ['true', 'false'] : ['output']);

const graphs = fc
  .array(
    fc.record({
      type: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
      sources: fc.array(fc.nat(), { minLength: 2, maxLength: 2 }),
      out: fc.nat(),
      each: fc.boolean(),
    }),
    { minLength: 2, maxLength: 9 },
  )
  .map((drawn): Graph => {
    const edges = drawn.flatMap(({ type, sources, out, each }, index) =>
      kinds[type].flatMap((input, place) => {
        if (index === 0) return [];
        const source = sources[place]! % index;
        const outputs = outputsOf(drawn[source]!.type);
        const mayChoose = type !== 'replaceText' && type !== 'splitText' && type !== 'pick';
        return [
          edgeOf(`n${source}`, `n${index}`, {
            id: `e${index}-${place}`,
            sourceHandle: outputs[out % outputs.length]!,
            targetHandle: input,
            ...(each && mayChoose && { data: { each } }),
          }),
        ];
      }),
    );
    const nodes = drawn.map(({ type }, index) => ({
      ...nodeOf(`n${index}`, type, { label: `Node ${index}` }),
      position: at(index * 300, (index % 3) * 200),
    }));
    return { nodes, edges };
  })
  .filter((graph) => validateGraph(graph, nodeCatalogue, defaultGraphLimits).length === 0);

test('whatever can be packed is a valid workflow with a valid call, and comes back as it was', () => {
  let count = 0;
  fc.assert(
    fc.property(graphs, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (graph, picks) => {
      const ids = picks.map((pick) => graph.nodes[pick % graph.nodes.length]!.id);
      const result = pack(graph, ids);
      if (!isPacked(result)) return;
      count += 1;
      const { inner, contract, outer } = packed(graph, ids);
      expect(validateGraph(inner, nodeCatalogue, defaultGraphLimits)).toEqual([]);
      expect(validateGraph(outer, nodeCatalogue, defaultGraphLimits)).toEqual([]);
      // Every end at the call is an input or a result of it.
      const names = new Set([...contract.inputs, ...contract.outputs].map(({ name }) => name));
      for (const edge of outer.edges) {
        if (edge.target === 'call') expect(names).toContain(edge.targetHandle);
        if (edge.source === 'call') expect(names).toContain(edge.sourceHandle);
      }
      expect(content(unpacked({ inner, outer }))).toEqual(content(graph));
      // What stays outside is executed as often as before.
      const [before, after] = [graph, outer].map((one) => mappingOf(structureOf(one, nodeCatalogue), nodeCatalogue));
      for (const { id } of graph.nodes)
        if (!ids.includes(id)) expect([id, after!.depthOf(id)]).toEqual([id, before!.depthOf(id)]);
    }),
    { numRuns: 400 },
  );
  expect(count).toBeGreaterThan(100);
});
