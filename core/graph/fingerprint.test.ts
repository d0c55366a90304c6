import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeDefinitions, nodeCatalogue } from '../../nodes/definitions.ts';
import { arbitraryGraph, edgeOf, graphOf, nodeOf, sha256 } from '../../testing/graphs.ts';
import { catalogueOf, type NodeCatalogue } from '../node-type/definition.ts';
import { canonicalJson } from './canonical-json.ts';
import { fingerprintNodes } from './fingerprint.ts';
import type { Graph } from './graph.ts';
import { reachableFrom } from './order.ts';
import { structureOf } from './structure.ts';

function fingerprints(graph: Graph, catalogue: NodeCatalogue = nodeCatalogue): ReadonlyMap<string, string> {
  const structure = structureOf(graph, catalogue);
  return fingerprintNodes(structure, structure.order.order, catalogue, sha256);
}

function questionOf(text: string, data: Record<string, unknown> = {}): Graph {
  return {
    nodes: [
      nodeOf('prompt', 'text', { text }),
      nodeOf('first', 'image', { image: 'https://example.com/1.png' }),
      nodeOf('second', 'image', { image: 'https://example.com/2.png' }),
      nodeOf('model', 'llm', { model: 'm', ...data }),
      nodeOf('after', 'delay'),
    ],
    edges: [
      edgeOf('prompt', 'model', { targetHandle: 'user_message' }),
      edgeOf('first', 'model', { targetHandle: 'images' }),
      edgeOf('second', 'model', { targetHandle: 'images' }),
      edgeOf('model', 'after'),
    ],
  };
}

const question = questionOf('What is this?');
const asked = fingerprints(question);

describe('a fingerprint', () => {
  test('is the hash of the canonical JSON of the type, the version, the config and what comes in', () => {
    const { type, version } = nodeCatalogue.get('delay')!;
    const before = [['input', 'output', asked.get('model')]];
    expect(asked.get('after')).toBe(sha256(canonicalJson([type, version, { ms: 0 }, before])));
  });

  test('is one hash for each executable node', () => {
    expect([...asked.keys()].toSorted()).toEqual(['after', 'first', 'model', 'prompt', 'second']);
    for (const hash of asked.values()) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(asked.values()).size).toBe(5);
  });

  test('does not change with label, position, canvas fields or the order of nodes', () => {
    const nodes = question.nodes.map((node, index) => ({
      ...node,
      position: { x: index, y: -index },
      selected: true,
      data: { status: 'success', response: 'x', ...node.data, label: `Renamed ${index}` },
    }));
    expect(new Map(fingerprints({ ...question, nodes: nodes.toReversed() }))).toEqual(
      new Map([...asked].toSorted(([left], [right]) => (left < right ? -1 : 1))),
    );
  });

  test('does not change with ids', () => {
    const renamed = {
      nodes: question.nodes.map((node) => ({ ...node, id: `${node.id}2` })),
      edges: question.edges.map((edge, index) => ({
        ...edge,
        id: `e${index}`,
        source: `${edge.source}2`,
        target: `${edge.target}2`,
      })),
    };
    expect(fingerprints(renamed).get('model2')).toBe(asked.get('model'));
  });

  test('is the same for a field that is left out and its default', () => {
    const [bare, full] = [{}, { x_percent: 0, y_percent: 0, width_percent: 100, height_percent: 100 }].map((data) =>
      fingerprints({ nodes: [nodeOf('c', 'cropImage', data)], edges: [] }).get('c'),
    );
    expect(bare).toBe(full);
  });

  test('is the same whether an only handle is named or not', () => {
    const [named, bare] = [{ sourceHandle: 'output', targetHandle: 'input' }, {}].map((handles) =>
      fingerprints({ nodes: [nodeOf('a'), nodeOf('b')], edges: [edgeOf('a', 'b', handles)] }).get('b'),
    );
    expect(named).toBe(bare);
  });

  test('changes with the config, here and in everything behind it, and nowhere else', () => {
    const changed = fingerprints(questionOf('What is that?'));
    const moved = [...asked.keys()].filter((id) => changed.get(id) !== asked.get(id));
    expect(moved.toSorted()).toEqual(['after', 'model', 'prompt']);
    expect(fingerprints(questionOf('What is this?', { temperature: 0 })).get('model')).not.toBe(asked.get('model'));
  });

  test('changes with the order of edges on one handle', () => {
    const [prompt, first, second, after] = question.edges;
    const swapped = fingerprints({ ...question, edges: [prompt!, second!, first!, after!] });
    expect(swapped.get('model')).not.toBe(asked.get('model'));
  });

  test('does not change with the order of edges on different handles', () => {
    const [prompt, first, second, after] = question.edges;
    const redrawn = fingerprints({ ...question, edges: [after!, first!, second!, prompt!] });
    expect(redrawn.get('model')).toBe(asked.get('model'));
  });

  test('changes with the handle that an edge leads to', () => {
    const [, ...others] = question.edges;
    const edges = [edgeOf('prompt', 'model', { targetHandle: 'system_prompt' }), ...others];
    expect(fingerprints({ ...question, edges }).get('model')).not.toBe(asked.get('model'));
  });

  test('changes with the type and with the version of the type', () => {
    const of = (type: string, catalogue = nodeCatalogue) =>
      fingerprints({ nodes: [nodeOf('a', type)], edges: [] }, catalogue).get('a');
    expect(of('image')).not.toBe(of('video'));
    const newer = catalogueOf(nodeDefinitions.map((definition) => ({ ...definition, version: 2 })));
    expect(of('image', newer)).not.toBe(of('image'));
  });

  test('changes for just the nodes behind a change, in any graph', () => {
    fc.assert(
      fc.property(arbitraryGraph({ maxNodes: 15, cyclic: false }), fc.nat(), (graph, pick) => {
        const before = fingerprints(graph);
        const target = graph.nodes[pick % graph.nodes.length]!.id;
        const nodes = graph.nodes.map((node) => (node.id === target ? { ...node, data: { ms: 7 } } : node));
        const after = fingerprints({ ...graph, nodes });
        const moved = graph.nodes.map(({ id }) => id).filter((id) => before.get(id) !== after.get(id));
        const behind = reachableFrom([target], structureOf(graph, nodeCatalogue).dependents);
        expect(moved.toSorted()).toEqual([...behind].toSorted());
      }),
    );
  });

  test('of a node deep in a line of 50,000 is found without recursion', () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => `n${index}`);
    const graph = graphOf(
      ids,
      ids.slice(1).map((id, index) => `${ids[index]}>${id}`),
    );
    expect(fingerprints(graph).size).toBe(50_000);
  });
});
