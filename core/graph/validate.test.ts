import { describe, expect, test } from '@jest/globals';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { chainOf, edgeOf, graphOf, hostileIds, layersOf, nodeOf } from '../../testing/graphs.ts';
import { graphSchema, type Graph } from './graph.ts';
import { defaultGraphLimits, type GraphLimits } from './limits.ts';
import type { GraphFinding } from './findings.ts';
import { validateGraph } from './validate.ts';
import { validateForRun } from './validate-for-run.ts';

const unlimited: GraphLimits = { maxNodes: Infinity, maxEdges: Infinity, maxChain: Infinity, maxFanOut: Infinity };

function findings(graph: Graph, limits: Partial<GraphLimits> = {}): readonly GraphFinding[] {
  return validateGraph(graph, nodeCatalogue, { ...defaultGraphLimits, ...limits });
}

const prompt = nodeOf('prompt', 'text', { text: 'hello' });
const picture = nodeOf('picture', 'image', { image: 'https://example.com/a.png' });
const film = nodeOf('film', 'video', { video: 'https://example.com/a.mp4' });
const model = nodeOf('model', 'llm', { model: 'gemini-2.5-flash' });
const crop = nodeOf('crop', 'cropImage');
const wait = nodeOf('wait', 'delay');

describe('a graph that may be saved', () => {
  test('is empty, or has no edges yet', () => {
    expect(findings({ nodes: [], edges: [] })).toEqual([]);
    expect(findings({ nodes: [prompt, picture, film, model, crop, wait], edges: [] })).toEqual([]);
  });

  test('may leave handle names out where an end has one handle', () => {
    const edges = [edgeOf('prompt', 'wait'), edgeOf('picture', 'crop', { sourceHandle: null, targetHandle: null })];
    expect(findings({ nodes: [prompt, picture, wait, crop], edges })).toEqual([]);
  });

  test('may join many pictures to one handle that takes many', () => {
    const pictures = ['a', 'b', 'c'].map((id) => nodeOf(id, 'image'));
    const edges = pictures.map(({ id }) => edgeOf(id, 'model', { targetHandle: 'images' }));
    expect(findings({ nodes: [...pictures, model], edges })).toEqual([]);
  });

  test('may use one output many times and both outputs of a pair of nodes', () => {
    const edges = ['system_prompt', 'user_message'].map((targetHandle) =>
      edgeOf('prompt', 'model', { id: targetHandle, targetHandle }),
    );
    expect(findings({ nodes: [prompt, model], edges })).toEqual([]);
  });

  test('may join anything to a handle of type any', () => {
    const edges = [edgeOf('film', 'wait'), edgeOf('wait', 'crop')];
    expect(findings({ nodes: [film, wait, crop], edges })).toEqual([]);
  });

  test('may carry notes and groups, which no type of the catalogue names', () => {
    expect(findings({ nodes: [nodeOf('n', 'note', { text: 1 }), nodeOf('g', 'group'), prompt], edges: [] })).toEqual(
      [],
    );
  });

  test('may keep fields that only the canvas uses', () => {
    const data = { label: 'Prompt', text: 'hi', status: 'success', response: { any: ['thing'] } };
    expect(findings({ nodes: [nodeOf('a', 'text', data)], edges: [] })).toEqual([]);
  });
});

/** One wrong graph per finding, the exact finding, and what its message must name. */
const wrongGraphs: readonly [title: string, graph: Graph, finding: Omit<GraphFinding, 'message'>, message: RegExp][] = [
  [
    'two nodes with one id',
    { nodes: [nodeOf('a'), nodeOf('b'), nodeOf('a')], edges: [] },
    { code: 'NODE_ID_DUPLICATE', nodeIds: ['a'], path: 'nodes[2].id' },
    /Two nodes have the id "a"/,
  ],
  [
    'an unknown node type',
    { nodes: [prompt, nodeOf('x', 'teleport')], edges: [] },
    { code: 'NODE_TYPE_UNKNOWN', nodeIds: ['x'], path: 'nodes[1].type' },
    /Node "x" has the type "teleport".*Known types: text, .*, output\./,
  ],
  [
    'data of the wrong type',
    { nodes: [nodeOf('a', 'text', { text: 5 })], edges: [] },
    { code: 'NODE_DATA_INVALID', nodeIds: ['a'], path: 'nodes[0].data.text' },
    /Node "a" \(Text\): text: .*expected string/,
  ],
  [
    'a crop box without width',
    { nodes: [nodeOf('c', 'cropImage', { width_percent: 0 })], edges: [] },
    { code: 'NODE_DATA_INVALID', nodeIds: ['c'], path: 'nodes[0].data.width_percent' },
    /Node "c" \(Crop image\): width_percent: The crop box has no width/,
  ],
  [
    'a wrong value deep in the data',
    { nodes: [nodeOf('p', 'image', { file: { url: '' } })], edges: [] },
    { code: 'NODE_DATA_INVALID', nodeIds: ['p'], path: 'nodes[0].data.file.url' },
    /Node "p" \(Image\): file\.url: /,
  ],
  [
    'two edges with one id',
    {
      nodes: [prompt, nodeOf('w1'), nodeOf('w2')],
      edges: [edgeOf('prompt', 'w1', { id: 'e' }), edgeOf('prompt', 'w2', { id: 'e' })],
    },
    { code: 'EDGE_ID_DUPLICATE', edgeIds: ['e'], path: 'edges[1].id' },
    /Two edges have the id "e"/,
  ],
  [
    'two edges between the same handles, one of them named',
    {
      nodes: [prompt, wait],
      edges: [
        edgeOf('prompt', 'wait', { id: 'e1' }),
        edgeOf('prompt', 'wait', { id: 'e2', sourceHandle: 'output', targetHandle: 'input' }),
      ],
    },
    { code: 'EDGE_DUPLICATE', edgeIds: ['e1', 'e2'], nodeIds: ['prompt', 'wait'], path: 'edges[1]' },
    /Edges "e1" and "e2" connect the same handles/,
  ],
  [
    'an edge from a node to itself',
    { nodes: [wait], edges: [edgeOf('wait', 'wait', { id: 'loop' })] },
    { code: 'EDGE_SELF', edgeIds: ['loop'], nodeIds: ['wait'], path: 'edges[0]' },
    /Edge "loop" connects node "wait" to itself/,
  ],
  [
    'an edge from nowhere',
    { nodes: [wait], edges: [edgeOf('ghost', 'wait', { id: 'e' })] },
    { code: 'EDGE_DANGLING', edgeIds: ['e'], path: 'edges[0].source' },
    /Edge "e" has the source "ghost", which does not exist/,
  ],
  [
    'an edge to nowhere',
    { nodes: [wait], edges: [edgeOf('wait', 'ghost', { id: 'e' })] },
    { code: 'EDGE_DANGLING', edgeIds: ['e'], path: 'edges[0].target' },
    /Edge "e" has the target "ghost", which does not exist/,
  ],
  [
    'an edge to a note',
    { nodes: [wait, nodeOf('memo', 'note')], edges: [edgeOf('wait', 'memo', { id: 'e' })] },
    { code: 'EDGE_DANGLING', edgeIds: ['e'], nodeIds: ['memo'], path: 'edges[0].target' },
    /Edge "e" has the target "memo", a note, which cannot be connected/,
  ],
  [
    'an input handle that does not exist',
    { nodes: [prompt, model], edges: [edgeOf('prompt', 'model', { id: 'e', targetHandle: 'prompt' })] },
    { code: 'HANDLE_UNKNOWN', edgeIds: ['e'], nodeIds: ['model'], path: 'edges[0].targetHandle' },
    /Edge "e" names the input "prompt" of node "model" \(LLM\), which has: system_prompt, user_message, images\b/,
  ],
  [
    'an output handle that does not exist',
    { nodes: [prompt, wait], edges: [edgeOf('prompt', 'wait', { id: 'e', sourceHandle: 'text' })] },
    { code: 'HANDLE_UNKNOWN', edgeIds: ['e'], nodeIds: ['prompt'], path: 'edges[0].sourceHandle' },
    /Edge "e" names the output "text" of node "prompt" \(Text\), which has: output\./,
  ],
  [
    'no handle name where there are several',
    { nodes: [prompt, model], edges: [edgeOf('prompt', 'model', { id: 'e' })] },
    { code: 'HANDLE_UNKNOWN', edgeIds: ['e'], nodeIds: ['model'], path: 'edges[0].targetHandle' },
    /Edge "e" names no input of node "model" \(LLM\), which has: /,
  ],
  [
    'an edge into a node without inputs',
    { nodes: [wait, prompt], edges: [edgeOf('wait', 'prompt', { id: 'e', targetHandle: 'input' })] },
    { code: 'HANDLE_UNKNOWN', edgeIds: ['e'], nodeIds: ['prompt'], path: 'edges[0].targetHandle' },
    /Edge "e" names the input "input" of node "prompt" \(Text\), which has no inputs\./,
  ],
  [
    'text where a picture belongs',
    { nodes: [prompt, crop], edges: [edgeOf('prompt', 'crop', { id: 'e' })] },
    { code: 'TYPE_MISMATCH', edgeIds: ['e'], nodeIds: ['prompt', 'crop'], path: 'edges[0]' },
    /Edge "e" connects text \("prompt" output\) to image \("crop" image_url\)/,
  ],
  [
    'two edges into an input that takes one',
    {
      nodes: [picture, nodeOf('other', 'image'), crop],
      edges: [edgeOf('picture', 'crop', { id: 'e1' }), edgeOf('other', 'crop', { id: 'e2' })],
    },
    { code: 'INPUT_TAKEN', edgeIds: ['e1', 'e2'], nodeIds: ['crop'], path: 'edges[1]' },
    /The input "image_url" of node "crop" takes one edge and has two: "e1" and "e2"/,
  ],
  [
    'a cycle, with a way in and a way out that are not part of it',
    graphOf(['in', 'a', 'b', 'c', 'out'], ['in>a', 'a>b', 'b>c', 'c>a', 'c>out']),
    { code: 'GRAPH_CYCLE', nodeIds: ['b', 'c', 'a'] },
    /The graph has a cycle: b -> c -> a -> b\. Remove one of its edges\./,
  ],
  [
    'a cycle of two',
    graphOf(['a', 'b'], ['a>b', 'b>a']),
    { code: 'GRAPH_CYCLE', nodeIds: ['b', 'a'] },
    /The graph has a cycle: b -> a -> b\./,
  ],
];

describe('attack 11: a graph that may not be saved has', () => {
  test.each(wrongGraphs)('%s', (_title, graph, finding, message) => {
    const found = findings(graph);
    expect(found).toEqual([{ ...finding, message: expect.stringMatching(message) }]);
  });

  test.each<[string, Graph, Partial<GraphLimits>, Omit<GraphFinding, 'message'>, RegExp]>([
    ['nodes', chainOf(4), { maxNodes: 3 }, { code: 'GRAPH_TOO_LARGE', path: 'nodes' }, /4 nodes; the limit is 3\./],
    ['edges', chainOf(4), { maxEdges: 2 }, { code: 'GRAPH_TOO_LARGE', path: 'edges' }, /3 edges; the limit is 2\./],
    [
      'nodes on one path',
      chainOf(4),
      { maxChain: 3 },
      { code: 'GRAPH_TOO_LARGE' },
      /longest path has 4 nodes; the limit is 3\./,
    ],
    [
      'edges out of one node',
      graphOf(['hub', 'a', 'b', 'c'], ['hub>a', 'hub>b', 'hub>c']),
      { maxFanOut: 1 },
      { code: 'GRAPH_TOO_LARGE', nodeIds: ['hub'], path: 'edges[1]' },
      /Node "hub" has more than 1 outgoing edges/,
    ],
  ])('too many %s', (_title, graph, limits, finding, message) => {
    expect(findings(graph, limits)).toEqual([{ ...finding, message: expect.stringMatching(message) }]);
  });

  test('no finding at exactly the limits', () => {
    expect(findings(chainOf(4), { maxNodes: 4, maxEdges: 3, maxChain: 4, maxFanOut: 1 })).toEqual([]);
  });

  test('the default limits: 10,000 nodes, 100,000 edges and a path of 1,000 are refused', () => {
    expect(findings(chainOf(10_000)).map(({ path }) => path)).toEqual(['nodes', 'edges']);
    const dense = { ...graphOf(['a', 'b']), edges: Array.from({ length: 100_000 }, () => edgeOf('a', 'b')) };
    expect(findings(dense).map(({ code, path }) => [code, path])).toEqual([['GRAPH_TOO_LARGE', 'edges']]);
    expect(findings(chainOf(1_000), { maxNodes: 1_000 }).map(({ code }) => code)).toEqual(['GRAPH_TOO_LARGE']);
  });

  test('all of its findings listed at once, in the order of the graph', () => {
    const graph: Graph = {
      nodes: [nodeOf('x', 'teleport'), nodeOf('t', 'text', { text: 1 }), crop, nodeOf('a'), nodeOf('b')],
      edges: [edgeOf('a', 'a'), edgeOf('t', 'crop'), edgeOf('a', 'b'), edgeOf('b', 'a'), edgeOf('x', 'a')],
    };
    expect(findings(graph).map(({ code }) => code)).toEqual([
      'NODE_TYPE_UNKNOWN',
      'NODE_DATA_INVALID',
      'EDGE_SELF',
      'TYPE_MISMATCH',
      'GRAPH_CYCLE',
    ]);
  });

  test('every finding of one node: one per wrong field', () => {
    const data = { x_percent: -1, height_percent: 101 };
    expect(findings({ nodes: [nodeOf('c', 'cropImage', data)], edges: [] }).map(({ path }) => path)).toEqual([
      'nodes[0].data.x_percent',
      'nodes[0].data.height_percent',
    ]);
  });
});

test('a long cycle is listed in full and its message stays short', () => {
  const graph = chainOf(400);
  graph.edges.push(edgeOf('n399', 'n0'));
  const [finding] = findings(graph, { maxChain: 400 });
  expect(finding!.code).toBe('GRAPH_CYCLE');
  expect(finding!.nodeIds).toHaveLength(400);
  expect(finding!.message).toMatch(/ -> … -> .* \(400 nodes\)\. Remove one of its edges\.$/);
  expect(finding!.message.length).toBeLessThan(200);
});

describe('attack 12: names that every object has', () => {
  const hostileChain = graphOf(
    hostileIds,
    hostileIds.slice(1).map((id, index) => `${hostileIds[index]}>${id}`),
  );

  test('are ordinary node ids, edge ends and types', () => {
    expect(findings(hostileChain)).toEqual([]);
    const twice = { ...hostileChain, nodes: [...hostileChain.nodes, nodeOf('__proto__')] };
    expect(findings(twice)).toEqual([expect.objectContaining({ code: 'NODE_ID_DUPLICATE', nodeIds: ['__proto__'] })]);
    for (const name of hostileIds) {
      expect(findings({ nodes: [nodeOf('a', name)], edges: [] })).toEqual([
        expect.objectContaining({ code: 'NODE_TYPE_UNKNOWN', nodeIds: ['a'] }),
      ]);
      expect(findings({ nodes: [wait], edges: [edgeOf(name, 'wait')] })).toEqual([
        expect.objectContaining({ code: 'EDGE_DANGLING', message: expect.stringContaining(`"${name}"`) }),
      ]);
    }
  });

  test.each(hostileIds)('are no handles: %s', (name) => {
    const edges = [edgeOf('prompt', 'wait', { sourceHandle: name, targetHandle: name })];
    expect(findings({ nodes: [prompt, wait], edges }).map(({ code }) => code)).toEqual([
      'HANDLE_UNKNOWN',
      'HANDLE_UNKNOWN',
    ]);
  });

  test('change no prototype when they come out of a request body', () => {
    const body = `{
      "nodes": [{ "id": "__proto__", "type": "text", "__proto__": { "polluted": 1 },
                  "data": { "text": "x", "__proto__": { "polluted": 1 }, "constructor": { "prototype": { "polluted": 1 } } } }],
      "edges": [], "__proto__": { "polluted": 1 }
    }`;
    const graph = graphSchema.parse(JSON.parse(body));
    expect(findings(graph)).toEqual([]);
    for (const value of [{}, graph, graph.nodes[0]!, graph.nodes[0]!.data]) {
      expect((value as { polluted?: number }).polluted).toBeUndefined();
    }
    expect(Object.getPrototypeOf(graph.nodes[0]!.data)).toBe(Object.prototype);
  });
});

describe('before a run', () => {
  const forRun = (graph: Graph, ids = graph.nodes.map(({ id }) => id)) =>
    validateForRun(graph, new Set(ids), nodeCatalogue);

  test('an input that must be connected is missed, and the field that would do instead is named', () => {
    const graph: Graph = { nodes: [prompt, crop, model], edges: [] };
    expect(findings(graph)).toEqual([]);
    expect(forRun(graph)).toEqual([
      {
        code: 'INPUT_MISSING',
        message: 'Node "crop" (Crop image) needs its input "Image" (image_url): connect a node.',
        nodeIds: ['crop'],
        path: 'nodes[1].data',
      },
      {
        code: 'INPUT_MISSING',
        message:
          'Node "model" (LLM) needs its input "User message" (user_message): connect a node, or fill in the field "userMessage".',
        nodeIds: ['model'],
        path: 'nodes[2].data.userMessage',
      },
    ]);
  });

  test('a node with a name is called by it', () => {
    const graph: Graph = { nodes: [nodeOf('crop', 'cropImage', { label: 'Close-up' })], edges: [] };
    expect(forRun(graph)[0]?.message).toBe('Node "Close-up" needs its input "Image" (image_url): connect a node.');
  });

  test.each([
    ['a connected node', { model: 'm' }, [edgeOf('prompt', 'model', { targetHandle: 'user_message' })]],
    ['a filled field', { model: 'm', userMessage: 'hi' }, []],
  ])('%s serves an input', (_title, data, edges) => {
    expect(forRun({ nodes: [prompt, nodeOf('model', 'llm', data)], edges })).toEqual([]);
  });

  test('a field of blanks serves no input, and a wrong handle does not either', () => {
    const graph = (data: object, edges = [edgeOf('prompt', 'model', { targetHandle: 'system_prompt' })]): Graph => ({
      nodes: [prompt, nodeOf('model', 'llm', { model: 'm', ...data })],
      edges,
    });
    expect(forRun(graph({ userMessage: ' \n' })).map(({ code }) => code)).toEqual(['INPUT_MISSING']);
    expect(forRun(graph({})).map(({ code }) => code)).toEqual(['INPUT_MISSING']);
  });

  test('config that the node type cannot run with is named by field', () => {
    const graph: Graph = {
      nodes: [nodeOf('p', 'image'), nodeOf('v', 'video'), nodeOf('m', 'llm', { userMessage: 'hi', model: ' ' })],
      edges: [],
    };
    expect(findings(graph)).toEqual([]);
    expect(forRun(graph).map(({ code, nodeIds, path }) => [code, nodeIds, path])).toEqual([
      ['NODE_DATA_INVALID', ['p'], 'nodes[0].data.file'],
      ['NODE_DATA_INVALID', ['v'], 'nodes[1].data.file'],
      ['NODE_DATA_INVALID', ['m'], 'nodes[2].data.model'],
    ]);
    expect(forRun(graph)[2]!.message).toBe('Node "m" (LLM): No model is selected.');
  });

  test('a timestamp that no video has is found at its node, as the run would refuse it', () => {
    const frames = ['50%', '1:02.5', 'soon', '150%'].map((timestamp, index) =>
      nodeOf(`f${index}`, 'extractFrame', { timestamp }),
    );
    const edges = frames.map(({ id }) => edgeOf('film', id));
    const graph: Graph = { nodes: [film, ...frames], edges };
    expect(findings(graph)).toEqual([]);
    expect(forRun(graph)).toEqual([
      {
        code: 'NODE_DATA_INVALID',
        message: expect.stringMatching(/^Node "f2" \(Extract frame\): "soon" is not a timestamp\. Write seconds/),
        nodeIds: ['f2'],
        path: 'nodes[3].data.timestamp',
      },
      {
        code: 'NODE_DATA_INVALID',
        message: 'Node "f3" (Extract frame): 150% is past the end of the video. Write at most 100%.',
        nodeIds: ['f3'],
        path: 'nodes[4].data.timestamp',
      },
    ]);
  });

  test('nodes that are not part of the run may stay incomplete', () => {
    const graph: Graph = { nodes: [prompt, crop, nodeOf('memo', 'note')], edges: [] };
    expect(forRun(graph, ['prompt', 'memo'])).toEqual([]);
  });
});

describe('attack 11: a large graph', () => {
  test('of 100,000 nodes in one line does not overflow the stack, nor does a cycle of as many', () => {
    const graph = chainOf(100_000);
    expect(validateGraph(graph, nodeCatalogue, unlimited)).toEqual([]);
    expect(validateForRun(graph, new Set(['n99999']), nodeCatalogue)).toEqual([]);
    graph.edges.push(edgeOf('n99999', 'n0'));
    const [finding] = validateGraph(graph, nodeCatalogue, unlimited);
    expect(finding!.code).toBe('GRAPH_CYCLE');
    expect(finding!.nodeIds).toHaveLength(100_000);
  });

  test('with a node of 200,000 wrong edges gives as many findings', () => {
    const edges = Array.from({ length: 200_000 }, (_, index) => edgeOf('a', `ghost${index}`));
    expect(validateGraph({ nodes: [nodeOf('a')], edges }, nodeCatalogue, unlimited)).toHaveLength(200_000);
  });

  test('of 2,000 nodes in layers with 16,000 edges is sound', () => {
    expect(validateGraph(layersOf(20, 100, 8), nodeCatalogue, unlimited)).toEqual([]);
  });
});
