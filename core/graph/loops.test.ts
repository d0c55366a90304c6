import { describe, expect, test } from '@jest/globals';
import { listCatalogue, listGraph } from '../../testing/list-graphs.ts';
import { allLoops, loopFindings, loopsOf } from './loops.ts';
import { findRegions } from './regions.ts';
import { structureOf } from './structure.ts';

function search(nodes: string, edges: string) {
  const structure = structureOf(listGraph(nodes, edges), listCatalogue);
  const { loops, findings } = loopsOf(structure, listCatalogue);
  return {
    loops: allLoops({ loops }).map(({ begin, end, nodes: own }) => `${begin}-${end}: ${own.join(' ')}`),
    findings: findings.map(({ message }) => message),
    regions: findRegions(structure, listCatalogue),
    structure,
  };
}

describe('a loop', () => {
  test('is what lies between its ends, with what only hangs on it', () => {
    const { loops, findings } = search(
      't:text r:again a:pair b:pair side:pair u:till end:pair',
      't>r r>a t>a.b a>b a>side b>u u>end',
    );
    expect(findings).toEqual([]);
    expect(loops).toEqual(['r-u: r a b side u']);
  });

  test('lies within another one as a whole', () => {
    const { loops, findings } = search(
      't:text r:again s:again a:pair v:till b:pair u:till',
      't>r r>s s>a r>a.b a>v v>b b>u',
    );
    expect(findings).toEqual([]);
    expect(loops).toEqual(['r-u: r s a v b u', 's-v: s a v']);
  });

  test('is a region whose parts are its laps; what goes through a list in it lies within', () => {
    const { regions } = search('t:texts r:again a:pair u:till', 't>r r>a a>u');
    expect(regions).toMatchObject([
      {
        driver: 'r',
        nodes: ['r', 'a', 'u'],
        loop: { end: 'u', most: 2 },
        eachEdges: [],
        sharedEdges: ['t>r'],
        settings: { concurrency: 1, onError: 'stop' },
        inner: [{ driver: 'a', nodes: ['a'], eachEdges: ['r>a'] }],
      },
    ]);
  });

  test('lies within the region of a list that it is gone through for', () => {
    const { regions, findings } = search('t:texts a:pair r:again b:pair u:till c:pair', 't>a a>r* r>b b>u u>c');
    expect(findings).toEqual([]);
    expect(regions).toMatchObject([
      { driver: 'a', nodes: ['a', 'r', 'b', 'u', 'c'], inner: [{ driver: 'r', nodes: ['r', 'b', 'u'], loop: {} }] },
    ]);
  });

  test('is none where one of its ends is not executed', () => {
    const structure = structureOf(listGraph('t:text r:again a:pair u:till', 't>r r>a a>u'), listCatalogue);
    expect(findRegions(structure, listCatalogue, new Set(['t', 'r', 'a']))).toEqual([]);
    expect(findRegions(structure, listCatalogue, new Set(['r', 'u']))).toMatchObject([{ nodes: ['r', 'u'] }]);
  });
});

describe('what is no loop', () => {
  test.each([
    ['an end without a beginning', 't:text u:till', 't>u', 'Node "u" ends a loop that does not begin anywhere.'],
    ['a beginning without an end', 't:text r:again a:pair', 't>r r>a', 'The loop of "r" has no end.'],
    [
      'a value that leaves it beside its end',
      't:text r:again a:pair u:till b:pair',
      't>r r>a a>u u>b a>b.b',
      'Node "b" comes after the loop of "r", and gets a value from within it as well.',
    ],
    [
      'one with two ends',
      't:text r:again a:pair b:pair u:till v:till',
      't>r r>a r>b a>u b>v',
      'The loop of "r" has two ends, "u" and "v".',
    ],
    [
      'two that overlap',
      't:text r:again s:again a:pair u:till',
      't>r t>s r>a s>a.b a>u',
      'At node "a" the loops of "r" and "s" overlap.',
    ],
    [
      'four within one another',
      't:text r:again s:again q:again p:again a:pair u:till v:till w:till x:till',
      't>r r>s s>q q>p p>a a>u u>v v>w w>x',
      'The loop of "p" lies within 3 others, which is the limit.',
    ],
    [
      'one that is there for each element, with a node that waits for all',
      't:texts r:again a:whole u:till',
      't>r* r>a a>u',
      'The loop of "r" runs for each element of a list, but node "a" in it waits for all elements.',
    ],
    [
      'one whose laps give lists, and whose first gets none',
      't:text r:again a:split u:till',
      't>r r>a a>u',
      'The first lap of "r" gets one value, but "u" gives the next one a list.',
    ],
    [
      'one that would end for each element by itself',
      't:texts r:again a:pair u:till',
      't>r r>a a>u*',
      'Node "u" would end the loop of "r" separately for each element of a list.',
    ],
  ])('is %s', (_name, nodes, edges, message) => {
    const { findings, structure } = search(nodes, edges);
    expect(findings.filter((finding) => finding.startsWith(message))).toHaveLength(1);
    const all = new Set(structure.nodes.keys());
    expect(loopFindings(structure, listCatalogue, all).length).toBeGreaterThan(0);
    expect(loopFindings(structure, listCatalogue, new Set(['t']))).toEqual([]);
  });
});
