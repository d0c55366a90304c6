import { describe, expect, test } from '@jest/globals';
import { listCatalogue, listGraph } from '../../testing/list-graphs.ts';
import { defaultGraphLimits } from './limits.ts';
import { mappingOf } from './mapping.ts';
import { structureOf } from './structure.ts';
import { validateGraph } from './validate.ts';
import { validateForRun } from './validate-for-run.ts';

function mapped(nodes: string, edges: string) {
  return mappingOf(structureOf(listGraph(nodes, edges), listCatalogue), listCatalogue);
}

const findings = (nodes: string, edges: string) =>
  validateGraph(listGraph(nodes, edges), listCatalogue, defaultGraphLimits);

/** What an edge out of a list does at a node of each type: how many lists it goes through, and what comes out there. */
const meetings: readonly [from: string, edge: string, to: string, maps: number, carried: string][] = [
  ['text', '', 'pair', 0, 'text'],
  ['texts', '', 'pair', 1, 'list<text>'],
  ['texts', '', 'split', 1, 'list<list<text>>'],
  ['texts', '', 'whole', 0, 'text'],
  ['texts', '', 'gather', 0, 'text'],
  ['texts', '*', 'gather', 1, 'list<text>'],
  ['text', '', 'whole', 0, 'text'],
  ['texts', '', 'pass', 0, 'list<text>'],
  ['text', '', 'pass', 0, 'any'],
  ['texts', '*', 'pass', 1, 'list<any>'],
  ['texts', '', 'pick', 0, 'list<text>'],
  ['text', '', 'pick', 0, 'list<text>'],
  ['texts', '', 'first', 0, 'text'],
  ['texts', '', 'data', 1, 'list<json>'],
  ['texts', '=', 'data', 0, 'json'],
];

test.each(meetings)(
  '%s along an edge "%s" into %s goes through %d lists and gives %s',
  (from, mark, to, maps, carried) => {
    const mapping = mapped(`x:${from} y:${to}`, `x>y${mark}`);
    expect([mapping.mapsOf(`x>y${mark}`), mapping.depthOf('y'), mapping.carriedType('y', 'output')]).toEqual([
      maps,
      maps,
      carried,
    ]);
    expect(mapping.isPlain).toBe(maps === 0);
  },
);

describe('lists within lists', () => {
  const nodes = 'l:texts s:split p:pair';

  test('are gone through one within the other', () => {
    const mapping = mapped(nodes, 'l>s s>p');
    expect([mapping.depthOf('s'), mapping.depthOf('p'), mapping.mapsOf('s>p')]).toEqual([1, 2, 2]);
    expect(mapping.carriedType('s', 'output')).toBe('list<list<text>>');
    expect(mapping.typeOf('s', 'output')).toBe('list<text>');
  });

  test.each([
    ['whole', '', 1, 'list<text>'],
    ['gather', '', 1, 'list<text>'],
    ['gather', '*', 2, 'list<list<text>>'],
    ['pick', '', 1, 'list<list<text>>'],
    ['pass', '', 0, 'list<list<text>>'],
    ['pass', '*', 1, 'list<list<text>>'],
    ['data', '', 2, 'list<list<json>>'],
    ['data', '=', 1, 'list<json>'],
  ])('end at %s "%s" after %d of them', (type, mark, depth, carried) => {
    const mapping = mapped(`${nodes} y:${type}`, `l>s s>y${mark}`);
    expect([mapping.depthOf('y'), mapping.carriedType('y', 'output')]).toEqual([depth, carried]);
  });

  test('may be three deep, and a fourth is a finding at the first node that has it', () => {
    const three = ['l:texts s:split t:split u:split', 'l>s s>t t>u'] as const;
    expect(findings(...three)).toEqual([]);
    expect(findings(`${three[0]} v:pair w:pair`, `${three[1]} u>v v>w`)).toEqual([
      {
        code: 'LISTS_TOO_DEEP',
        message: expect.stringMatching(/Node "v".* 4 deep.* limit is 3.*Join a list/) as unknown,
        nodeIds: ['v'],
        path: 'nodes[4]',
      },
    ]);
  });
});

test('a single value goes along with each element', () => {
  const mapping = mapped('l:texts x:text p:pair', 'l>p x>p.b');
  expect([mapping.mapsOf('l>p'), mapping.mapsOf('x>p.b'), mapping.depthOf('p')]).toEqual([1, 0, 1]);
});

describe('a type that follows what is connected', () => {
  test('is one that fits all of it', () => {
    expect(findings('l:texts p:pick q:pair', 'l>p p>q')).toEqual([]);
    expect(findings('l:texts f:first i:image', 'l>f f>i')).toMatchObject([
      { code: 'TYPE_MISMATCH', edgeIds: ['f>i'], nodeIds: ['f', 'i'], path: 'edges[1]' },
    ]);
    expect(findings('f:first i:image', 'f>i')).toEqual([]);
  });

  test.each([
    ['of single values is a list of them', 'x:text y:text v:values p:pair', 'x>v y>v v>p', 'list<text>', 1],
    ['of lists is a list of lists', 'x:texts y:texts v:values p:pair', 'x>v y>v v>p', 'list<list<text>>', 2],
    ['of both is not known', 'x:texts y:text v:values w:pass', 'x>v y>v v>w', 'list<any>', 0],
    ['of several types is not known', 'x:text y:data v:values w:pass', 'x>v y>v v>w', 'list<any>', 0],
  ])('%s', (_what, nodes, edges, type, depth) => {
    const mapping = mapped(nodes, edges);
    expect([mapping.typeOf('v', 'output'), mapping.depthOf(nodes.includes('p:') ? 'p' : 'w')]).toEqual([type, depth]);
  });

  test('goes through several nodes', () => {
    const mapping = mapped('l:texts p:pass q:pass r:pick s:pair', 'l>p p>q q>r r>s');
    expect([mapping.typeOf('q', 'output'), mapping.typeOf('r', 'output'), mapping.depthOf('s')]).toEqual([
      'list<text>',
      'list<text>',
      1,
    ]);
  });
});

describe('what failed', () => {
  const nodes = 'l:texts p:pair q:pair e:data w:whole';

  test('is a list beside the others, not within them', () => {
    const mapping = mapped(nodes, 'l>p p>q p.errors>e p.errors>w');
    expect(mapping.carriedType('p', 'errors')).toBe('list<json>');
    expect([mapping.depthOf('e'), mapping.mapsOf('p.errors>e'), mapping.depthOf('w')]).toEqual([1, 1, 0]);
  });

  test('is had by the first node alone', () => {
    const graph = listGraph(nodes, 'l>p p>q q.errors>w');
    expect(validateGraph(graph, listCatalogue, defaultGraphLimits)).toEqual([]);
    const all = new Set(graph.nodes.map(({ id }) => id));
    expect(validateForRun(graph, all, listCatalogue)).toMatchObject([
      { code: 'HANDLE_UNKNOWN', edgeIds: ['q.errors>w'], nodeIds: ['q', 'w'] },
    ]);
    const first = listGraph(nodes, 'l>p p>q p.errors>w');
    expect(validateForRun(first, all, listCatalogue)).toEqual([]);
  });
});

describe('settings', () => {
  const graph = listGraph('l:texts p:pair', 'l>p');
  const withEach = (each: unknown) => ({
    ...graph,
    nodes: graph.nodes.map((node) => (node.id === 'p' ? { ...node, data: { each } } : node)),
  });
  const found = (each: unknown) => validateGraph(withEach(each), listCatalogue, defaultGraphLimits);

  test.each([
    [{}],
    [{ concurrency: 1, onError: 'goOn', failAbove: { count: 0 }, pairing: 'combinations' }],
    [{ failAbove: { percent: 12.5 }, onError: 'leaveOut' }],
  ])('%j is fine', (each) => {
    expect(found(each)).toEqual([]);
  });

  test.each([
    [true, 'each'],
    [{ concurrency: 0 }, 'each.concurrency'],
    [{ concurrency: 1.5 }, 'each.concurrency'],
    [{ onError: 'ignore' }, 'each.onError'],
    [{ failAbove: { count: -1 } }, 'each.failAbove'],
    [{ failAbove: { count: 1, percent: 1 } }, 'each.failAbove'],
    [{ pairing: 'zip' }, 'each.pairing'],
    [{ window: 3 }, 'each'],
  ])('%j is a finding', (each, path) => {
    expect(found(each)).toMatchObject([
      {
        code: 'NODE_DATA_INVALID',
        nodeIds: ['p'],
        path: expect.stringMatching(`^nodes\\[1\\]\\.data\\.${path}`) as unknown,
      },
    ]);
  });

  test('an edge says yes or no', () => {
    const edges = graph.edges.map((edge) => ({ ...edge, data: { each: 'yes' } }));
    expect(validateGraph({ ...graph, edges }, listCatalogue, defaultGraphLimits)).toMatchObject([
      { code: 'EDGE_DATA_INVALID', edgeIds: ['l>p'], path: 'edges[0].data.each' },
    ]);
  });
});
