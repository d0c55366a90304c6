import type { NodeCatalogue } from '../node-type/definition.ts';
import { eachSettingsOf, type EachSettings } from './each.ts';
import { mappingOf, type Mapping } from './mapping.ts';
import type { GraphStructure, ResolvedEdge } from './structure.ts';

/** A part of a graph that is repeated, found by types alone. */
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
}

/** Regions within one another that a graph may have. */
export const maxRegionDepth = 3;

/**
 * The regions of a valid graph, in the order of their drivers; none where no list meets an input for one value.
 *
 * Mapped nodes that hand single values to one another are one region, so that no element waits for another between
 * them. Where the one also waits for all that the other gives, a region ends, and the next begins with its list.
 *
 * @param executed the nodes of a run; all others lie outside, with their lists at hand. Default: all nodes
 */
export function findRegions(
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  executed?: ReadonlySet<string>,
): readonly Region[] {
  const mapping = mappingOf(structure, catalogue);
  if (mapping.isPlain) return [];
  const search: Search = { structure, mapping, drivers: new Map() };
  const groups = groupsWithin(search, new Set(structure.nodes.keys()), 1);
  keepDrivers(search, groups, 1);
  const wanted = executed === undefined ? groups : groupsWithin(search, executed, 1);
  return wanted.map((group) => regionOf(search, group, 1));
}

interface Search {
  readonly structure: GraphStructure;
  readonly mapping: Mapping;
  /** Of each mapped node, by level: the first node of the region that it is in where all nodes are executed. */
  readonly drivers: Map<string, string[]>;
}

/** Nodes that are repeated together at one level, and those among them that are repeated once more. */
interface Group {
  readonly nodes: readonly string[];
  readonly inner: readonly Group[];
}

/** Groups the mapped ones among some nodes. Level 1 is that of the outermost lists. */
function groupsWithin(search: Search, ids: ReadonlySet<string>, level: number): Group[] {
  const { structure, mapping } = search;
  const order = structure.order.order.filter((id) => ids.has(id));
  const members = new Map<string, Set<string>>();
  for (const id of order) {
    if (mapping.depthOf(id) < level) continue;
    const neighbors = structure.incoming
      .get(id)!
      .filter((edge) => ids.has(edge.source) && isInner(search, edge, level));
    const before = new Set(neighbors.map(({ source }) => members.get(source)!));
    const joined = new Set([id]);
    for (const group of before) {
      if (waitsForAll(id, group)) continue;
      for (const member of group) joined.add(member);
    }
    for (const member of joined) members.set(member, joined);
  }
  const groups = [...new Set(order.flatMap((id) => members.get(id) ?? []))];
  return groups.map((group) => {
    const nodes = order.filter((id) => group.has(id));
    const isDeeper = nodes.some((id) => mapping.depthOf(id) > level);
    return { nodes, inner: isDeeper ? groupsWithin(search, group, level + 1) : [] };
  });

  /** Whether something of a group has to be complete before a node begins: a way leads from it to the node through others. */
  function waitsForAll(start: string, group: ReadonlySet<string>): boolean {
    const seen = new Set([start]);
    const queue = [start];
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      for (const edge of structure.incoming.get(id)!) {
        const { source } = edge;
        if (!ids.has(source)) continue;
        if (group.has(source)) {
          if (id === start && isInner(search, edge, level)) continue;
          return true;
        }
        // A group waits for whatever any of its nodes waits for.
        for (const other of members.get(source) ?? [source]) {
          if (seen.has(other)) continue;
          seen.add(other);
          queue.push(other);
        }
      }
    }
    return false;
  }
}

/** Whether an edge hands on what its source makes of one element, if both ends are repeated together at a level. */
function isInner({ mapping }: Search, { id, source, sourceHandle }: ResolvedEdge, level: number): boolean {
  return mapping.mapsOf(id) >= level && mapping.innerDepthOf(source, sourceHandle) >= level;
}

function keepDrivers(search: Search, groups: readonly Group[], level: number): void {
  for (const { nodes, inner } of groups) {
    for (const id of nodes) {
      const drivers = search.drivers.get(id) ?? [];
      drivers[level] = nodes[0]!;
      search.drivers.set(id, drivers);
    }
    keepDrivers(search, inner, level + 1);
  }
}

function regionOf(search: Search, { nodes, inner }: Group, level: number): Region {
  const { structure, mapping } = search;
  const own = new Set(nodes);
  const outer = nodes.flatMap((id) => structure.incoming.get(id)!.filter(({ source }) => !own.has(source)));
  const each = outer.filter(({ id }) => mapping.mapsOf(id) >= level);
  const [driver] = nodes;
  return {
    driver: driver!,
    nodes,
    eachEdges: each.map(({ id }) => id),
    sharedEdges: outer.filter(({ id }) => mapping.mapsOf(id) < level).map(({ id }) => id),
    origins: Object.fromEntries(each.map((edge) => [edge.id, originOf(search, edge, level)])),
    inner: inner.map((group) => regionOf(search, group, level + 1)),
    settings: eachSettingsOf(structure.nodes.get(driver!)!.data),
  };
}

/** A list of a region has the length of what it was made from, as have all lists of that region; else it is that of one node. */
function originOf({ mapping, drivers }: Search, { source, sourceHandle }: ResolvedEdge, level: number): string {
  const depth = mapping.innerDepthOf(source, sourceHandle);
  if (depth >= level) return drivers.get(source)![level]!;
  return depth < mapping.depthOf(source) ? `${source}:${sourceHandle}` : source;
}
