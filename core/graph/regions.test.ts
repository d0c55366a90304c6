import { describe, expect, test } from '@jest/globals';
import { listCatalogue, listGraph } from '../../testing/list-graphs.ts';
import { findRegions, type Region } from './regions.ts';
import { structureOf } from './structure.ts';

const regions = (nodes: string, edges: string, executed?: readonly string[]) =>
  findRegions(
    structureOf(listGraph(nodes, edges), listCatalogue),
    listCatalogue,
    executed === undefined ? undefined : new Set(executed),
  );

/** A region in short: `nodes | each edges | shared edges | inner regions`. */
const short = ({ nodes, eachEdges, sharedEdges, inner }: Region): string =>
  [nodes.join(' '), eachEdges.join(' '), sharedEdges.join(' '), inner.map((region) => `(${short(region)})`).join(' ')]
    .join(' | ')
    .replace(/(?: \| )+$/, '');

const found = (...given: Parameters<typeof regions>) => regions(...given).map(short);

test.each<[title: string, nodes: string, edges: string, expected: string[]]>([
  ['no list, no region', 'x:text p:pair', 'x>p', []],
  ['a list that is taken whole', 'l:texts w:whole g:gather', 'l>w l>g', []],
  ['one node', 'l:texts p:pair', 'l>p', ['p | l>p']],
  ['a chain', 'l:texts p:pair q:pair r:pair', 'l>p p>q q>r', ['p q r | l>p']],
  ['a single value goes to every part', 'l:texts x:text p:pair q:pair', 'l>p p>q x>q.b', ['p q | l>p | x>q.b']],
  ['two nodes apart from each other', 'l:texts p:pair q:pair', 'l>p l>q', ['p | l>p', 'q | l>q']],
  ['two that meet', 'l:texts p:pair q:pair r:pair', 'l>p l>q p>r q>r.b', ['p q r | l>p l>q']],
  ['two lists that meet at once', 'l:texts m:texts p:pair', 'l>p m>p.b', ['p | l>p m>p.b']],
  ['two lists that meet later', 'l:texts m:texts p:pair q:pair r:pair', 'l>p m>q p>r q>r.b', ['p q r | l>p m>q']],
  ['an input for a list ends it', 'l:texts p:pair w:whole q:pair', 'l>p p>w w>q', ['p | l>p']],
  ['an input for many ends it', 'l:texts p:pair g:gather', 'l>p p>g', ['p | l>p']],
  ['one for many that goes through each does not', 'l:texts p:pair g:gather', 'l>p p>g*', ['p g | l>p']],
  ['an input for anything ends it', 'l:texts p:pair a:pass q:pair', 'l>p p>a a>q', ['p | l>p', 'q | a>q']],
  ['one for anything that goes through each does not', 'l:texts p:pair a:pass q:pair', 'l>p p>a* a>q', ['p a q | l>p']],
  [
    'a node that also waits for all of it begins the next',
    'l:texts p:pair w:whole q:pair r:pair',
    'l>p p>w p>q w>q.b q>r',
    ['p | l>p', 'q r | p>q | w>q.b'],
  ],
  [
    'waiting for all of another region parts nothing',
    'l:texts m:texts p:pair o:pair w:whole q:pair',
    'l>p m>o o>w p>q w>q.b',
    ['p q | l>p | w>q.b', 'o | m>o'],
  ],
  [
    'two regions that wait for each other halfway',
    'l:texts m:texts p:pair q:pair w:whole v:whole r:pair s:pair',
    'l>p m>q p>w q>v p>r v>r.b q>s w>s.b',
    // Whichever comes first keeps its region; the other cannot.
    ['p | l>p', 'q s | m>q | w>s.b', 'r | p>r | v>r.b'],
  ],
  ['a list within a list', 'l:texts s:split p:pair q:pair', 'l>s s>p p>q', ['s p q | l>s |  | (p q | s>p)']],
  ['and back out of it', 'l:texts s:split p:pair w:whole q:pair', 'l>s s>p p>w w>q', ['s p w q | l>s |  | (p | s>p)']],
  [
    'a list and a single value of one part',
    'l:texts s:split o:pair p:pair',
    'l>s l>o s>p o>p.b',
    ['s o p | l>s l>o |  | (p | s>p | o>p.b)'],
  ],
  [
    'a list beside a list of lists goes with the outer',
    'l:texts m:texts s:split p:pair',
    'l>s s>p m>p.b',
    ['s p | l>s m>p.b |  | (p | s>p | m>p.b)'],
  ],
  ['three deep', 'l:texts s:split t:split p:pair', 'l>s s>t t>p', ['s t p | l>s |  | (t p | s>t |  | (p | t>p))']],
  [
    'lists of lists that come from outside',
    'l:texts s:split a:pass p:pair',
    'l>s s>a a>p',
    ['s | l>s', 'p | a>p |  | (p | a>p)'],
  ],
])('%s', (_title, nodes, edges, expected) => {
  expect(found(nodes, edges)).toEqual(expected);
});

describe('a run of some nodes', () => {
  const graph = ['l:texts p:pair q:pair r:pair', 'l>p p>q q>r'] as const;

  test('takes the lists of the others as they are', () => {
    expect(found(...graph, ['q', 'r'])).toEqual(['q r | p>q']);
    expect(found(...graph, ['p', 'r'])).toEqual(['p | l>p', 'r | q>r']);
    expect(found(...graph, [])).toEqual([]);
  });

  test('knows where they came from all the same', () => {
    const nodes = 'l:texts p:pair q:pair r:pair s:pair';
    const edges = 'l>p p>q p>r q>s r>s.b';
    expect(regions(nodes, edges, ['s'])[0]!.origins).toEqual({ 'q>s': 'p', 'r>s.b': 'p' });
  });
});

describe('the origin of a list', () => {
  const originsOf = (nodes: string, edges: string) => regions(nodes, edges).map(({ origins }) => origins);

  test('is the node that puts it out, or the first one of its region', () => {
    expect(originsOf('l:texts m:texts p:pair q:pair w:whole r:pair', 'l>p m>p.b p>q p>w q>r w>r.b')).toEqual([
      { 'l>p': 'l', 'm>p.b': 'm' },
      { 'q>r': 'p' },
    ]);
  });

  test('of what failed is one of its own', () => {
    expect(originsOf('l:texts p:pair d:data', 'l>p p.errors>d')).toEqual([
      { 'l>p': 'l' },
      { 'p.errors>d': 'p:errors' },
    ]);
  });

  test('of lists within lists is found at each level', () => {
    const [region] = regions('l:texts s:split p:pair w:whole q:pair', 'l>s s>p p>w p>q w>q.b');
    expect(short(region!)).toBe('s p w q | l>s |  | (p | s>p) (q | p>q | w>q.b)');
    expect(region!.inner.map(({ origins }) => origins)).toEqual([{ 's>p': 's' }, { 'p>q': 'p' }]);
  });
});

test('the settings are those of the first node', () => {
  const graph = listGraph('l:texts p:pair q:pair', 'l>p p>q');
  const each = { p: { pairing: 'combinations', concurrency: 3 }, q: { onError: 'goOn' } };
  const nodes = graph.nodes.map((node) => ({
    ...node,
    data: Object.hasOwn(each, node.id) ? { each: each[node.id as keyof typeof each] } : {},
  }));
  const [region] = findRegions(structureOf({ ...graph, nodes }, listCatalogue), listCatalogue);
  expect(region!.driver).toBe('p');
  expect(region!.settings).toEqual({ concurrency: 3, onError: 'stop', pairing: 'combinations' });
});
