import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expectEqual } from '../../testing/expect-equal.ts';
import { listCatalogue, listGraph } from '../../testing/list-graphs.ts';
import { sha256 } from '../../testing/graphs.ts';
import type { OutputValue } from '../node-type/values.ts';
import type { RegionPlan } from '../run/region.ts';
import { elementsOf } from './elements.ts';
import { allLoops, loopsOf, type Loop } from './loops.ts';
import type { Graph } from './graph.ts';
import { planPart } from './plan-part.ts';
import { planRegions } from './plan-regions.ts';
import { planRun, type RunPlan } from './plan.ts';
import { mappingOf } from './mapping.ts';
import { findRegions, maxRegionDepth, type Region } from './regions.ts';
import { structureOf, type GraphStructure, type ResolvedEdge } from './structure.ts';

/*
 * Regions against a definition that knows none: a graph is worked out value by value, where each node looks at what lists
 * really arrive and goes through them. Then the same graph is worked out part by part as its regions say; every node has
 * to give the same. Texts stand for values: `p(a,b)` is what the node p makes of a and b.
 */

const types = ['text', 'texts', 'pair', 'pair', 'split', 'whole', 'gather', 'pass', 'pick', 'first'];
const inputsOf: Readonly<Record<string, readonly string[]>> = {
  pair: ['a', 'b'],
  split: ['a'],
  whole: ['a', 'b'],
  gather: ['a', 'a', 'b'],
  pass: ['a'],
  pick: ['a'],
  first: ['a'],
  again: ['a'],
  till: ['a'],
};

const nodes = (constant: readonly string[], minLength: number, maxLength: number) =>
  fc.array(
    fc.record({
      type: fc.constantFrom(...constant),
      sources: fc.array(fc.option(fc.nat(), { freq: 6 }), { minLength: 3, maxLength: 3 }),
      each: fc.boolean(),
    }),
    { minLength, maxLength },
  );

type Drawn = typeof nodes extends (...of: never[]) => fc.Arbitrary<infer Nodes> ? Nodes : never;

function graphOf(drawn: Drawn): Graph {
  const edges = drawn.flatMap(({ type, sources, each }, index) =>
    (inputsOf[type] ?? []).flatMap((input, at) => {
      const source = sources[at];
      if (source === null || source === undefined || index === 0) return [];
      const mayChoose = type === 'gather' || type === 'pass' || type === 'again';
      return [`n${source % index}>n${index}.${input}${each && mayChoose ? '*' : ''}`];
    }),
  );
  return listGraph(drawn.map(({ type }, index) => `n${index}:${type}`).join(' '), [...new Set(edges)].join(' '));
}

function isShallow(graph: Graph): boolean {
  const mapping = mappingOf(structureOf(graph, listCatalogue), listCatalogue);
  return graph.nodes.every(({ id }) => mapping.depthOf(id) <= maxRegionDepth);
}

/** Each node's inputs are connected to nodes before it, or not at all. */
const graphs = nodes(types, 3, 11).map(graphOf).filter(isShallow);

/** Some have loops: what is drawn between the two ends of one comes after its beginning more often than not. */
const loopGraphs = fc
  .tuple(nodes(types, 1, 4), nodes([...types, 'again', 'till'], 1, 6), nodes(types, 0, 3), fc.nat(), fc.nat())
  .map(([before, within, after, begin, pull]) => {
    const at = before.length;
    const own = (source: number, most: number) => at + (source % Math.max(1, most - at));
    const inner = within.map((node, index) => ({
      ...node,
      sources: [
        (begin >> index) % 4 === 0 ? node.sources[0]! : own(node.sources[0] ?? 0, at + 1 + index),
        ...node.sources.slice(1),
      ],
    }));
    const [end, start] = [
      at + 1 + within.length,
      { type: 'again', sources: [pull, null, null], each: begin % 3 === 0 },
    ];
    const last = { type: 'till', sources: [own(pull >> 2, end), null, null], each: false };
    // What comes after is fed by the end of the loop, or by what lies before it.
    const outside = after.map((node) => ({
      ...node,
      sources: node.sources.map((source) =>
        source === null ? null : source % 2 === 0 ? end : source % Math.max(1, at),
      ),
    }));
    return graphOf([...before, start, ...inner, last, ...outside]);
  })
  .filter((graph) => {
    const structure = structureOf(graph, listCatalogue);
    const { loops, findings } = loopsOf(structure, listCatalogue);
    return loops.length > 0 && findings.length === 0 && isShallow(graph);
  });

type Inputs = Readonly<Record<string, OutputValue[]>>;

/** What a node makes of its inputs once none of them is to be gone through any more. */
function execute(id: string, type: string, inputs: Inputs): OutputValue {
  const [value] = inputs['a'] ?? [];
  const all = ['a', 'b'].map((input) => JSON.stringify(inputs[input] ?? [])).join(',');
  switch (type) {
    case 'texts':
    case 'split':
      return [`${id}(${all})0`, `${id}(${all})1`];
    case 'pass':
    case 'again':
    case 'till':
      return value ?? id;
    case 'pick':
      // Of two elements, whatever comes in, so that all lists go together.
      return Array.isArray(value) ? value.toReversed() : [value ?? id, `${id}2`];
    case 'first':
      return value === undefined ? id : ([value].flat()[0] ?? null);
    default:
      return `${id}(${all})`;
  }
}

const depthOf = (value: OutputValue): number => (Array.isArray(value) ? 1 + depthOf(value[0] ?? '') : 0);

/**
 * All values as the definition has it, by node: a mapped node gives lists. A loop is gone through lap by lap, for all elements
 * at once where it is there for each; what its nodes gave last is what they give.
 */
function workOut(structure: GraphStructure): ReadonlyMap<string, OutputValue> {
  const { order, incoming, nodes } = structure;
  const { loops } = loopsOf(structure, listCatalogue);
  const all = allLoops({ loops });
  const values = new Map<string, OutputValue>();
  const depths = new Map<string, number>();
  const carried = new Map<string, OutputValue>();
  work(order.order, loops);
  return values;

  function work(ids: readonly string[], within: readonly Loop[]): void {
    const left = new Set(ids);
    while (left.size > 0) {
      const isReady = (of: readonly string[]) =>
        of.every((id) => incoming.get(id)!.every(({ source }) => of.includes(source) || !left.has(source)));
      const unitOf = (id: string) => within.find((loop) => loop.nodes.includes(id))?.nodes ?? [id];
      const unit = unitOf([...left].find((id) => isReady(unitOf(id)))!);
      for (const id of unit) left.delete(id);
      const loop = within.find(({ nodes: own }) => own === unit);
      if (loop === undefined) workNode(unit[0]!);
      else goThrough(loop);
    }
  }

  function goThrough(loop: Loop): void {
    carried.delete(loop.begin);
    for (let lap = 0; lap < loop.most; lap += 1) {
      work(loop.nodes, loop.inner);
      carried.set(loop.begin, values.get(loop.end)!);
    }
  }

  function workNode(id: string): void {
    const { type } = nodes.get(id)!;
    const arriving = incoming.get(id)!.map((edge) => {
      const value = carried.get(id) ?? values.get(edge.source)!;
      // A later lap gets as many elements as the first.
      const through = carried.has(id) ? depths.get(id)! : goneThrough(type, edge, value, depths.get(edge.source)!);
      return { input: edge.targetHandle, value, through: Math.max(through, inLoop(edge, type, value)) };
    });
    depths.set(id, Math.max(0, ...arriving.map(({ through }) => through)));
    values.set(id, spread(id, type, arriving));
  }

  /** Within a loop that is there for each element, what takes anything takes one element all the same. */
  function inLoop(edge: ResolvedEdge, type: string, value: OutputValue): number {
    if (edge.each !== undefined || depthOf(value) === 0 || !['pass', 'again', 'till', 'gather'].includes(type))
      return 0;
    if (type === 'gather' && edge.targetHandle !== 'a') return 0;
    const around = all.filter(
      ({ nodes: own, end }) => edge.source !== end && own.includes(edge.source) && own.includes(edge.target),
    );
    return Math.max(0, ...around.map(({ begin }) => depths.get(begin)!));
  }
}

function goneThrough(type: string, edge: ResolvedEdge, value: OutputValue, depth: number): number {
  const lists = depthOf(value);
  if (lists === 0) return 0;
  if (type === 'pass' || type === 'again' || type === 'till') return edge.each === true ? Math.max(1, depth) : 0;
  const takesLists = edge.targetHandle === 'a' && ['whole', 'gather', 'pick', 'first'].includes(type);
  return takesLists && edge.each !== true ? lists - 1 : lists;
}

interface Arriving {
  readonly input: string;
  readonly value: OutputValue;
  readonly through: number;
}

/** Goes through the outermost list of each input that has one to go through, in step. */
function spread(id: string, type: string, arriving: readonly Arriving[]): OutputValue {
  const through = arriving.filter((one) => one.through > 0);
  if (through.length === 0) {
    return execute(id, type, Object.fromEntries(['a', 'b'].flatMap((input) => given(input, arriving))));
  }
  // Every list of these graphs has two elements.
  return [0, 1].map((index) =>
    spread(
      id,
      type,
      arriving.map((one) =>
        one.through === 0 ? one : { ...one, value: (one.value as OutputValue[])[index]!, through: one.through - 1 },
      ),
    ),
  );
}

function given(input: string, arriving: readonly Arriving[]): [string, OutputValue[]][] {
  const values = arriving.filter((one) => one.input === input).map(({ value }) => value);
  return values.length === 0 ? [] : [[input, values]];
}

/** What the nodes of a loop gave in its last lap. */
function runLaps(
  ids: readonly string[],
  { end, most }: { readonly end: string; readonly most: number },
  byEdge: Outside,
  runLap: (outside: Outside) => (id: string) => OutputValue,
): Map<string, OutputValue> {
  let results = new Map<string, OutputValue>();
  for (let lap = 0; lap < most; lap += 1) {
    const before = results.get(end);
    const valueOf = runLap((edge) => (edge.target === ids[0] && before !== undefined ? before : byEdge(edge)));
    results = new Map(ids.map((id) => [id, valueOf(id)]));
  }
  return results;
}

/** The same part by part. What regions wait for has to come before them, or this does not end. */
function runParts(
  structure: GraphStructure,
  ids: readonly string[],
  regions: readonly Region[],
  outside: Outside,
): Outside {
  const values = new Map<string, OutputValue>();
  const units = [
    ...regions.map(({ nodes }) => nodes),
    ...ids.filter((id) => !regions.some(({ nodes }) => nodes.includes(id))).map((id) => [id]),
  ];
  const byEdge: Outside = (edge) => (ids.includes(edge.source) ? values.get(edge.source) : outside(edge));
  const left = new Set(units);
  while (left.size > 0) {
    const ready = [...left].find((unit) =>
      unit.every((id) =>
        structure.incoming
          .get(id)!
          .every(({ source }) => unit.includes(source) || !ids.includes(source) || values.has(source)),
      ),
    );
    if (ready === undefined) throw new Error('Regions wait for each other.');
    left.delete(ready);
    const region = regions.find(({ nodes }) => nodes === ready);
    if (region === undefined) values.set(ready[0]!, runNode(structure, ready[0]!, byEdge));
    else for (const [id, list] of runRegion(structure, region, byEdge)) values.set(id, list);
  }
  return (edge) => values.get(edge.source);
}

type Outside = (edge: ResolvedEdge) => OutputValue | undefined;

function runNode({ incoming, nodes }: GraphStructure, id: string, byEdge: Outside): OutputValue {
  const arriving = incoming.get(id)!.map((edge) => ({ input: edge.targetHandle, value: byEdge(edge)!, through: 0 }));
  return spread(id, nodes.get(id)!.type, arriving);
}

function runRegion(structure: GraphStructure, region: Region, byEdge: Outside): Map<string, OutputValue> {
  if (region.loop !== undefined) {
    return runLaps(region.nodes, region.loop, byEdge, (outside) => {
      const lap = runParts(structure, region.nodes, region.inner, outside);
      return (id) => lap({ source: id } as ResolvedEdge)!;
    });
  }
  const edges = new Map(structure.edges.map((edge) => [edge.id, edge]));
  const lists = region.eachEdges.map((edge) => ({
    edge,
    origin: region.origins[edge]!,
    list: byEdge(edges.get(edge)!)!,
  }));
  const results = new Map<string, OutputValue[]>(region.nodes.map((id) => [id, []]));
  for (const { values } of elementsOf(lists, 'pair', sha256)) {
    const shared = new Set(region.sharedEdges);
    const part = runParts(structure, region.nodes, region.inner, (edge) => {
      if (Object.hasOwn(values, edge.id)) return values[edge.id];
      if (!shared.has(edge.id)) expect(shared).toContain(edge.id);
      return byEdge(edge);
    });
    for (const id of region.nodes) results.get(id)!.push(part({ source: id } as ResolvedEdge)!);
  }
  return results;
}

test('a graph worked out part by part gives what its definition gives', () => {
  let mapped = 0;
  fc.assert(
    fc.property(graphs, (graph) => {
      const structure = structureOf(graph, listCatalogue);
      const regions = findRegions(structure, listCatalogue);
      mapped += regions.length;
      const expected = workOut(structure);
      const ids = [...structure.nodes.keys()];
      const byParts = runParts(structure, ids, regions, () => undefined);
      for (const id of ids) expectEqual([id, byParts({ source: id } as ResolvedEdge)], [id, expected.get(id)]);
    }),
    { numRuns: 400 },
  );
  expect(mapped).toBeGreaterThan(100);
});

/** The same as runs have it: by a frozen plan, in which each node waits for so many others, and parts have plans of their own. */
function runPlan(structure: GraphStructure, { nodes }: RunPlan, outside: Outside): ReadonlyMap<string, OutputValue> {
  const planned = new Map(nodes.map((node) => [node.nodeId, node]));
  const pending = new Map(nodes.map(({ nodeId, pendingDependencies }) => [nodeId, pendingDependencies]));
  const ready = nodes.filter(({ pendingDependencies }) => pendingDependencies === 0).map(({ nodeId }) => nodeId);
  const collected = new Map<string, OutputValue>();
  const values = new Map<string, OutputValue>();
  const byEdge: Outside = (edge) => (planned.has(edge.source) ? values.get(edge.source) : outside(edge));
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    const { region, dependents } = planned.get(id)!;
    if (region !== undefined && 'nodes' in region) {
      for (const [member, list] of runPlannedRegion(structure, region, byEdge)) collected.set(member, list);
    }
    values.set(id, region === undefined ? runNode(structure, id, byEdge) : collected.get(id)!);
    for (const dependent of dependents) {
      const left = pending.get(dependent)! - 1;
      pending.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  expect([...values.keys()].toSorted()).toEqual([...planned.keys()].toSorted());
  return values;
}

function runPlannedRegion(structure: GraphStructure, region: RegionPlan, byEdge: Outside): Map<string, OutputValue> {
  if (region.loop !== undefined) {
    const lap = planPart({ region, structure, catalogue: listCatalogue, isGiven: () => true, hash: sha256 });
    return runLaps(region.nodes, region.loop, byEdge, (outside) => {
      const values = runPlan(structure, lap, outside);
      return (id) => values.get(id)!;
    });
  }
  const edges = new Map(structure.edges.map((edge) => [edge.id, edge]));
  const lists = Object.entries(region.each).map(([edge, origin]) => ({
    ...{ edge, origin },
    list: byEdge(edges.get(edge)!)!,
  }));
  const results = new Map<string, OutputValue[]>(region.nodes.map((id) => [id, []]));
  const plan = planPart({ region, structure, catalogue: listCatalogue, isGiven: () => true, hash: sha256 });
  for (const { values } of elementsOf(lists, 'pair', sha256)) {
    const part = runPlan(structure, plan, (edge) => (Object.hasOwn(values, edge.id) ? values[edge.id] : byEdge(edge)));
    for (const id of region.nodes) results.get(id)!.push(part.get(id)!);
  }
  return results;
}

test('a plan, and the plans of its parts and of theirs, give what the definition gives', () => {
  let nested = 0;
  fc.assert(
    fc.property(graphs, (graph) => {
      const structure = structureOf(graph, listCatalogue);
      const plan = planRun({
        ...{ graph, structure, catalogue: listCatalogue, mode: 'all', nodeIds: [], hash: sha256 },
        defaultTimeoutMs: 1_000,
      });
      const planned = planRegions(plan, structure, listCatalogue, 1_000);
      nested += planned.nodes.filter(
        ({ region }) => region !== undefined && 'nodes' in region && region.inner !== undefined,
      ).length;
      const values = runPlan(structure, planned, () => undefined);
      for (const [id, value] of workOut(structure)) expectEqual([id, values.get(id)], [id, value]);
    }),
    { numRuns: 800 },
  );
  expect(nested).toBeGreaterThan(5);
});

test('loops worked out lap by lap give what the definition gives, by their regions and by plans', () => {
  let [loops, mapped, within] = [0, 0, 0];
  fc.assert(
    fc.property(loopGraphs, (graph) => {
      const structure = structureOf(graph, listCatalogue);
      const search = loopsOf(structure, listCatalogue);
      const mapping = mappingOf(structure, listCatalogue);
      loops += allLoops(search).length;
      mapped += allLoops(search).filter(({ begin }) => mapping.depthOf(begin) > 0).length;
      within += allLoops(search).filter(({ nodes: own, begin }) =>
        own.some((id) => mapping.depthOf(id) > mapping.depthOf(begin)),
      ).length;
      const ids = [...structure.nodes.keys()];
      const expected = workOut(structure);
      const byParts = runParts(structure, ids, findRegions(structure, listCatalogue), () => undefined);
      for (const id of ids) expectEqual([id, byParts({ source: id } as ResolvedEdge)], [id, expected.get(id)]);
      const plan = planRun({
        ...{ graph, structure, catalogue: listCatalogue, mode: 'all', nodeIds: [], hash: sha256 },
        defaultTimeoutMs: 1_000,
      });
      const values = runPlan(structure, planRegions(plan, structure, listCatalogue, 1_000), () => undefined);
      for (const [id, value] of expected) expectEqual([id, values.get(id)], [id, value]);
    }),
    { numRuns: 600 },
  );
  expect(loops).toBeGreaterThan(600);
  expect(mapped).toBeGreaterThan(20);
  expect(within).toBeGreaterThan(20);
});

test('what types say of lists is what really arrives', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const structure = structureOf(graph, listCatalogue);
      const mapping = mappingOf(structure, listCatalogue);
      for (const [id, value] of workOut(structure)) {
        const carried = mapping.carriedType(id, 'output')!;
        expectEqual([id, carried.split('<').length - 1], [id, depthOf(value)]);
      }
    }),
    { numRuns: 500 },
  );
});

/** Whether units of a graph can be ordered so that each comes after what it waits for. */
function canBeOrdered(graph: Graph, unitOf: ReadonlyMap<string, string>): boolean {
  const edges = graph.edges
    .map(({ source, target }) => [unitOf.get(source)!, unitOf.get(target)!] as const)
    .filter(([source, target]) => source !== target);
  const left = new Set(unitOf.values());
  for (;;) {
    const first = [...left].find((unit) => !edges.some(([source, target]) => target === unit && left.has(source)));
    if (first === undefined) return left.size === 0;
    left.delete(first);
  }
}

test('regions are as large as can be: no two that hand on element by element could be one', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const structure = structureOf(graph, listCatalogue);
      const mapping = mappingOf(structure, listCatalogue);
      const regions = findRegions(structure, listCatalogue);
      const unitOf = new Map(graph.nodes.map(({ id }) => [id, id]));
      for (const { nodes, driver } of regions) for (const id of nodes) unitOf.set(id, driver);
      expect(regions.flatMap(({ nodes }) => nodes).toSorted()).toEqual(
        graph.nodes
          .map(({ id }) => id)
          .filter((id) => mapping.depthOf(id) > 0)
          .toSorted(),
      );
      expect(canBeOrdered(graph, unitOf)).toBe(true);
      for (const { id, source, target } of structure.edges) {
        const [one, other] = [unitOf.get(source)!, unitOf.get(target)!];
        if (one === other || mapping.mapsOf(id) === 0 || mapping.depthOf(source) === 0) continue;
        const merged = new Map([...unitOf].map(([node, unit]) => [node, unit === one ? other : unit]));
        const closes = structure.edges.some(
          (edge) =>
            mapping.mapsOf(edge.id) === 0 && merged.get(edge.source) === other && merged.get(edge.target) === other,
        );
        expectEqual([id, !closes && canBeOrdered(graph, merged)], [id, false]);
      }
    }),
    { numRuns: 500 },
  );
});
