import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { edgeOf, nodeOf, sha256 } from '../../testing/graphs.ts';
import { catalogueOf, defineNode } from '../node-type/definition.ts';
import { handlesOf } from '../node-type/handles.ts';
import type { Graph } from './graph.ts';
import { resolveInputs } from './inputs.ts';
import { defaultGraphLimits } from './limits.ts';
import { planRun } from './plan.ts';
import { structureOf } from './structure.ts';
import { validateGraph } from './validate.ts';
import { validateForRun } from './validate-for-run.ts';

/** Has an input for each name, and an output for each. */
const patch = defineNode({
  type: 'patch',
  version: 1,
  title: 'Patch',
  description: 'Passes on what came in, name by name.',
  category: 'flow',
  icon: 'cable',
  inputs: [],
  outputs: [],
  handles: ({ names }) => ({
    inputs: names.map((id) => ({ id, title: id.toUpperCase(), dataType: 'text', required: id === 'must' })),
    outputs: names.map((id) => ({ id, title: id.toUpperCase(), dataType: 'text' })),
  }),
  configSchema: z.object({ label: z.string().optional(), names: z.array(z.string()).default([]) }),
  defaults: { names: [] },
  costClass: () => 'inline',
  isDeterministic: () => true,
});
const catalogue = catalogueOf([...nodeDefinitions, patch]);

function graphWith(names: unknown, edges: Graph['edges']): Graph {
  return {
    nodes: [nodeOf('before', 'text', { text: 'x' }), nodeOf('patch', 'patch', { names }), nodeOf('after', 'delay')],
    edges,
  };
}

const into = (handle: string) => edgeOf('before', 'patch', { id: `in-${handle}`, targetHandle: handle });
const outOf = (handle: string) => edgeOf('patch', 'after', { id: `out-${handle}`, sourceHandle: handle });
const check = (graph: Graph) => validateGraph(graph, catalogue, defaultGraphLimits);
const checkRun = (graph: Graph, ids = ['before', 'patch', 'after']) => validateForRun(graph, new Set(ids), catalogue);

describe('a node whose handles follow from its config', () => {
  test('is joined at each of them', () => {
    const graph = graphWith(['a', 'b'], [into('b'), outOf('a')]);
    expect(check(graph)).toEqual([]);
    expect(checkRun(graph)).toEqual([]);
    const structure = structureOf(graph, catalogue);
    expect(structure.edges.map(({ sourceHandle, targetHandle }) => [sourceHandle, targetHandle])).toEqual([
      ['output', 'b'],
      ['a', 'input'],
    ]);
    const handles = handlesOf(patch, patch.configSchema.parse({ names: ['a', 'b'] }));
    expect(resolveInputs(handles, structure.incoming.get('patch')!, () => ({ output: 'x' }))).toEqual({ b: 'x' });
  });

  test('gives an edge without names the only handle there is', () => {
    const [edge] = structureOf(graphWith(['a'], [edgeOf('before', 'patch')]), catalogue).edges;
    expect(edge).toMatchObject({ sourceHandle: 'output', targetHandle: 'a' });
  });

  test('takes one edge at each, of what fits', () => {
    const two = graphWith(['a'], [into('a'), edgeOf('before', 'patch', { id: 'again', targetHandle: 'a' })]);
    expect(check(two).map(({ code }) => code)).toEqual(['EDGE_DUPLICATE']);
    const picture: Graph = {
      nodes: [nodeOf('before', 'image'), nodeOf('patch', 'patch', { names: ['a'] })],
      edges: [into('a')],
    };
    expect(check(picture).map(({ code }) => code)).toEqual(['TYPE_MISMATCH']);
  });

  test('is saved with an edge whose handle is gone, and not run until that is mended', () => {
    const graph = graphWith(['a'], [into('gone'), outOf('away')]);
    expect(check(graph)).toEqual([]);
    expect(checkRun(graph)).toEqual([
      expect.objectContaining({ code: 'HANDLE_UNKNOWN', edgeIds: ['in-gone'], path: 'edges[0].targetHandle' }),
      expect.objectContaining({ code: 'HANDLE_UNKNOWN', edgeIds: ['out-away'], path: 'edges[1].sourceHandle' }),
    ]);
    expect(checkRun(graph)[0]!.message).toMatch(/which has: a\. Connect it to another one, or remove it\.$/);
    // Either end keeps a part of the workflow from running; what does not touch the edge runs.
    expect(checkRun(graph, ['before']).map(({ edgeIds }) => edgeIds)).toEqual([['in-gone']]);
    expect(checkRun(graphWith(['a'], [outOf('away')]), ['before'])).toEqual([]);
    const { nodes } = planRun({
      graph,
      catalogue,
      mode: 'all',
      nodeIds: [],
      hash: sha256,
      defaultTimeoutMs: 1_000,
    });
    expect(nodes.map(({ dependencies }) => dependencies)).toEqual([[], [], []]);
  });

  test('asks for those that are required', () => {
    expect(checkRun(graphWith(['must'], [])).map(({ code, message }) => [code, message])).toEqual([
      ['INPUT_MISSING', expect.stringContaining('"MUST" (must)')],
    ]);
  });

  test('with data that does not fit is told for its data alone', () => {
    expect(check(graphWith('a', [into('a')])).map(({ code }) => code)).toEqual(['NODE_DATA_INVALID']);
  });
});
