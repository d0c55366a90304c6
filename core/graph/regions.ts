import type { NodeCatalogue } from '../node-type/definition.ts';
import { defaultEachSettings, eachSettingsOf, type EachSettings } from './each.ts';
import { loopsOf, type Loop } from './loops.ts';
import type { NestedLoop } from './pair-loops.ts';
import { mappingOf, type Mapping } from './mapping.ts';
import type { GraphStructure, ResolvedEdge } from './structure.ts';

/** A part of a graph that is repeated, found by types and edges alone. */
export interface Region {
  /** First node in topological order; its `data.each` holds the settings. */
  readonly driver: string;
  /** In topological order. Nodes mapped deeper (nested lists) are in `inner` regions of their own as well. */
  readonly nodes: readonly string[];
  /** Edges from outside that carry a list whose elements go to the parts one by one. */
  readonly eachEdges: readonly string[];
  /** Edges from outside that give every part the same value. */
  readonly sharedEdges: readonly string[];
  /** Where the list of each of `eachEdges` comes from. Lists of one origin go together element by element in any pairing. */
  readonly origins: Readonly<Record<string, string>>;
  readonly inner: readonly Region[];
  readonly settings: EachSettings;
  /** Its parts are the laps of a loop, and no list is gone through. */
  readonly loop?: Pick<Loop, 'end' | 'most'>;
}

/** Regions within one another that a graph may have. */
export const maxRegionDepth = 3;

/**
 * The regions of a valid graph, in the order of their drivers; none where no list meets an input for one value and nothing
 * is repeated.
 *
 * Mapped nodes that hand single values to one another are one region, so that no element waits for another between
 * them. Where the one also waits for all that the other gives, a region ends, and the next begins with its list.
 *
 * A loop is a region by itself. Lists within it are gone through in each lap; one that comes in from outside is a value as any
 * other. Where the loop is gone through for each element, it lies within the region of these elements, as a whole. A loop
 * of which not both ends are executed is none.
 *
 * @param executed the nodes of a run; all others lie outside, with their lists at hand. Default: all nodes
 */
export function findRegions(
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  executed?: ReadonlySet<string>,
): readonly Region[] {
  const mapping = mappingOf(structure, catalogue);
  const { loops } = loopsOf(structure, catalogue);
  if (mapping.isPlain && loops.length === 0) return [];
  const search: Search = { structure, mapping, drivers: new Map() };
  const groups = groupsWithin(search, loops, new Set(structure.nodes.keys()), 1);
  keepDrivers(search, groups, 1);
  const wanted = executed === undefined ? groups : groupsWithin(search, loopsAmong(loops, executed), executed, 1);
  return wanted.map((group) => regionOf(search, group, 1));
}

/** What is looked at of a graph. */
type Walked = Pick<GraphStructure, 'incoming'> & { readonly order: Pick<GraphStructure['order'], 'order'> };

/**
 * The nodes that list what failed of what they are repeated for: the first of each region that goes through a list.
 *
 * @param loops the outermost ones
 */
export function firstRepeated(structure: Walked, mapping: Mapping, loops: readonly NestedLoop[]): readonly string[] {
  if (mapping.isPlain) return [];
  const groups = groupsWithin({ structure, mapping }, loops, new Set(structure.order.order), 1);
  const firstIn = ({ nodes: [first], inner, loop }: Group<NestedLoop>): readonly string[] => [
    ...(loop === undefined ? [first!] : []),
    ...inner.flatMap(firstIn),
  ];
  return groups.flatMap(firstIn);
}

interface Walk {
  readonly structure: Walked;
  readonly mapping: Mapping;
}

interface Search extends Walk {
  readonly structure: GraphStructure;
  readonly mapping: Mapping;
  /** Of each mapped node, by level: the first node of the region that it is in where all nodes are executed. */
  readonly drivers: Map<string, string[]>;
}

/** Nodes that are repeated together at one level, and those among them that are repeated once more. */
interface Group<Repeated extends NestedLoop = Loop> {
  readonly nodes: readonly string[];
  readonly inner: readonly Group<Repeated>[];
  readonly loop?: Repeated;
}

/** Loops of which both ends are executed, with the nodes that are. */
function loopsAmong(loops: readonly Loop[], executed: ReadonlySet<string>): readonly Loop[] {
  return loops.flatMap((loop) => {
    const inner = loopsAmong(loop.inner, executed);
    if (!executed.has(loop.begin) || !executed.has(loop.end)) return inner;
    return [{ ...loop, inner, nodes: loop.nodes.filter((id) => executed.has(id)) }];
  });
}

/**
 * Groups what is repeated among some nodes. Level 1 is that of the outermost lists.
 *
 * @param loops the outermost ones among them
 */
function groupsWithin<Repeated extends NestedLoop & { readonly inner: readonly Repeated[] }>(
  search: Walk,
  loops: readonly Repeated[],
  ids: ReadonlySet<string>,
  level: number,
): Group<Repeated>[] {
  const { structure, mapping } = search;
  const order = structure.order.order.filter((id) => ids.has(id));
  /** Nodes that stand together whatever they give one another: a loop. */
  const units = new Map<string, readonly string[]>();
  const repeated: Group<Repeated>[] = [];
  const members = new Map<string, Set<string>>();
  const isMapped = (loop: NestedLoop) => mapping.depthOf(loop.begin) >= level;
  for (const loop of loops) {
    if (isMapped(loop)) {
      for (const id of loop.nodes) units.set(id, loop.nodes);
      continue;
    }
    const own = new Set(loop.nodes);
    for (const id of own) members.set(id, own);
    repeated.push({ nodes: loop.nodes, loop, inner: groupsWithin(search, loop.inner, own, level) });
  }
  const isFree = (id: string) => ids.has(id) && !repeated.some(({ loop }) => loop!.nodes.includes(id));
  const grouped = new Set<string>();
  for (const id of unitsInOrder(order, units, structure)) {
    if (mapping.depthOf(id) < level || !isFree(id) || grouped.has(id)) continue;
    const unit = new Set(units.get(id) ?? [id]);
    for (const one of unit) grouped.add(one);
    const neighbors = [...unit].flatMap((one) =>
      structure.incoming
        .get(one)!
        .filter((edge) => !unit.has(edge.source) && isFree(edge.source) && isInner(search, edge, level)),
    );
    const before = new Set(neighbors.map(({ source }) => members.get(source)!));
    const joined = new Set(unit);
    for (const group of before) {
      if (waitsForAll(unit, group)) continue;
      for (const member of group) joined.add(member);
    }
    for (const member of joined) members.set(member, joined);
  }
  const free = order.filter((id) => isFree(id));
  const groups = [...new Set(free.flatMap((id) => members.get(id) ?? []))].map((group): Group<Repeated> => {
    const nodes = free.filter((id) => group.has(id));
    const within = loops.filter((loop) => isMapped(loop) && group.has(loop.begin));
    const isDeeper = within.length > 0 || nodes.some((id) => mapping.depthOf(id) > level);
    return { nodes, inner: isDeeper ? groupsWithin(search, within, group, level + 1) : [] };
  });
  const places = new Map(order.map((id, place) => [id, place]));
  return [...groups, ...repeated].toSorted((one, other) => places.get(one.nodes[0]!)! - places.get(other.nodes[0]!)!);

  /** Whether something of a group has to be complete before a unit begins: a way leads from it to the unit through others. */
  function waitsForAll(unit: ReadonlySet<string>, group: ReadonlySet<string>): boolean {
    const seen = new Set(unit);
    const queue = [...unit];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      for (const edge of structure.incoming.get(id)!) {
        const { source } = edge;
        if (!ids.has(source)) continue;
        if (group.has(source)) {
          if (unit.has(id) && isInner(search, edge, level)) continue;
          return true;
        }
        // A group waits for whatever any of its nodes waits for.
        for (const other of members.get(source) ?? units.get(source) ?? [source]) {
          if (seen.has(other)) continue;
          seen.add(other);
          queue.push(other);
        }
      }
    }
    return false;
  }
}

/** Nodes in topological order, where those that stand together come together, after all that any of them waits for. */
function unitsInOrder(
  order: readonly string[],
  units: ReadonlyMap<string, readonly string[]>,
  { incoming }: Walked,
): readonly string[] {
  if (units.size === 0) return order;
  const among = new Set(order);
  const placed = new Set<string>();
  const sorted: string[] = [];
  for (const id of order) place(id);
  return sorted;

  function place(id: string): void {
    if (placed.has(id)) return;
    const unit = units.get(id) ?? [id];
    for (const one of unit) placed.add(one);
    for (const one of unit) {
      for (const { source } of incoming.get(one)!) if (among.has(source)) place(source);
    }
    sorted.push(...unit);
  }
}

/** Whether an edge hands on what its source makes of one element, if both ends are repeated together at a level. */
function isInner(
  { mapping }: Pick<Walk, 'mapping'>,
  { id, source, sourceHandle }: ResolvedEdge,
  level: number,
): boolean {
  return mapping.mapsOf(id) >= level && mapping.innerDepthOf(source, sourceHandle) >= level;
}

function keepDrivers(search: Search, groups: readonly Group[], level: number): void {
  for (const { nodes, inner, loop } of groups) {
    for (const id of loop === undefined ? nodes : []) {
      const drivers = search.drivers.get(id) ?? [];
      drivers[level] = nodes[0]!;
      search.drivers.set(id, drivers);
    }
    keepDrivers(search, inner, loop === undefined ? level + 1 : level);
  }
}

function regionOf(search: Search, { nodes, inner, loop }: Group, level: number): Region {
  const { structure, mapping } = search;
  const own = new Set(nodes);
  const outer = nodes.flatMap((id) => structure.incoming.get(id)!.filter(({ source }) => !own.has(source)));
  const each = loop === undefined ? outer.filter(({ id }) => mapping.mapsOf(id) >= level) : [];
  const eachEdges = new Set(each.map(({ id }) => id));
  const [driver] = nodes;
  return {
    driver: driver!,
    nodes,
    eachEdges: [...eachEdges],
    sharedEdges: outer.filter(({ id }) => !eachEdges.has(id)).map(({ id }) => id),
    origins: Object.fromEntries(each.map((edge) => [edge.id, originOf(search, edge, level)])),
    inner: inner.map((group) => regionOf(search, group, loop === undefined ? level + 1 : level)),
    settings:
      loop === undefined
        ? eachSettingsOf(structure.nodes.get(driver!)!.data)
        : { ...defaultEachSettings, concurrency: 1, onError: 'stop' },
    ...(loop !== undefined && { loop: { end: loop.end, most: loop.most } }),
  };
}

/** A list of a region has the length of what it was made from, as have all lists of that region; else it is that of one node. */
function originOf({ mapping, drivers }: Search, { source, sourceHandle }: ResolvedEdge, level: number): string {
  const depth = mapping.innerDepthOf(source, sourceHandle);
  if (depth >= level) return drivers.get(source)![level]!;
  return depth < mapping.depthOf(source) ? `${source}:${sourceHandle}` : source;
}
