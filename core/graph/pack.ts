import { isListType, partsOf, listOf, type DataType, type ElementType } from '../data-types/table.ts';
import { isMarked, outputNodeType, reservedNames } from '../interface/settings.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import { findHandle, handlesOfNode } from '../node-type/handles.ts';
import { isConnectable } from '../node-type/values.ts';
import { callNodeType, type CallContract } from './call-contract.ts';
import type { GraphFinding } from './findings.ts';
import { annotationTypes, type Graph, type GraphEdge, type GraphNode } from './graph.ts';
import { allLoops, loopsOf } from './loops.ts';
import { mappingOf, type Mapping } from './mapping.ts';
import { reachableFrom } from './order.ts';
import { parentOf, placesOf, topLeft } from './places.ts';
import { findRegions, type Region } from './regions.ts';
import { freeName, selectionFinding } from './selection.ts';
import { structureOf, type GraphStructure, type ResolvedEdge } from './structure.ts';

/*
 * A selection of a graph becomes a workflow of its own, and a node that calls it stands in its place. What comes in from
 * outside becomes inputs, what leads out results; nodes, edges and places stay as they are, so that `unpackCall` gives the
 * same graph again.
 */

/** What becomes of a selection. */
export interface PackedSelection {
  /** The graph of the new workflow. */
  readonly inner: Graph;
  /** The graph with a node that calls it in place of the selection. */
  replaced(call: { readonly workflowId: number; readonly contract: CallContract }): Graph;
}

/** Which nodes of which graph are to be packed. */
export interface PackRequest {
  /** Valid. */
  readonly graph: Graph;
  readonly catalogue: NodeCatalogue;
  readonly nodeIds: readonly string[];
  /** What the calling node is called. */
  readonly name: string;
}

/** Packs a selection; the findings say why that cannot be done. */
export function packSelection(request: PackRequest): PackedSelection | readonly GraphFinding[] {
  const { graph, catalogue } = request;
  const structure = structureOf(graph, catalogue);
  const chosen = withFrames(graph, request.nodeIds);
  const own = new Set([...chosen].filter((id) => structure.nodes.has(id)));
  const mapping = mappingOf(structure, catalogue);
  const regions = findRegions(structure, catalogue);
  const level = levelOf(regions, own);
  const findings = [
    ...selectionFindings(graph, structure, catalogue, own),
    ...(level === null ? [cutsRegion(regions, own, (id) => wordsOf(structure.nodes.get(id)!, catalogue))] : []),
  ];
  if (findings.length > 0 || level === null) return findings;
  const names = new Set<string>([...reservedNames, ...outputsOfAll]);
  const titleOf = (id: string) => wordsOf(structure.nodes.get(id)!, catalogue);
  const inputs = inputsFor({ structure, catalogue, mapping, own, level }, (source) =>
    uniqueName(titleOf(source), names),
  );
  const unfit = inputs.find(({ type }) => partsOf(type).depth > 1);
  if (unfit !== undefined) {
    return [
      selectionFinding(
        `"${titleOf(unfit.edges[0]!.target)}" gets lists within lists, which an input of a workflow cannot hold. Leave it out of the selection, or select the nodes that give them as well.`,
        [unfit.edges[0]!.target],
      ),
    ];
  }
  const results = resultsFor(structure, own, (source, handle) => {
    const title = handle === undefined ? titleOf(source) : `${titleOf(source)} ${handle}`;
    return uniqueName(title, names);
  });
  const ids = new Set(graph.nodes.map(({ id }) => id));
  const taken = new Set(graph.edges.map(({ id }) => id));
  const places = placesOf(graph.nodes);
  const box = boxAround(graph.nodes.filter(({ id }) => chosen.has(id)).map(({ id }) => places.get(id)!));
  const parents = new Set(
    graph.nodes
      .filter(({ id }) => chosen.has(id) && !chosen.has(parentOf(graph, id) ?? ''))
      .map(({ id }) => parentOf(graph, id)),
  );
  const parent = parents.size === 1 ? [...parents][0] : undefined;
  const first = settingsHolder(regions, own, level);

  const entries = inputs.map((input, index) => ({
    ...input,
    id: freeName(`input-${input.name}`, ids),
    position: { x: box.left - besides, y: box.top + index * stepDown },
  }));
  const exits = results.map((result, index) => ({
    ...result,
    id: freeName(`result-${result.name}`, ids),
    edgeId: freeName(`result-${result.name}`, taken),
    position: { x: box.right + besides, y: box.top + index * stepDown },
  }));
  const entryOf = new Map(entries.flatMap((entry) => entry.edges.map((edge) => [edge.id, entry] as const)));
  const inner: Graph = {
    nodes: [
      ...entries.map((entry) => entryNode(entry, catalogue)),
      ...graph.nodes
        .filter(({ id }) => chosen.has(id))
        .map((node) =>
          atTop(node, { isWithin: chosen.has(parentOf(graph, node.id) ?? ''), place: places.get(node.id)! }),
        )
        .map((node) => (node.id === first ? withoutEach(node) : node)),
      ...exits.map(({ id, name, title, position }) => ({
        ...{ id, type: outputNodeType, position },
        typeVersion: catalogue.get(outputNodeType)?.version ?? 1,
        data: { label: title, name },
      })),
    ],
    edges: [
      ...graph.edges
        .filter(({ target }) => own.has(target))
        .map((edge): GraphEdge => {
          const entry = entryOf.get(edge.id);
          if (entry === undefined) return edge;
          const { data, ...rest } = edge;
          // What the call goes through one by one arrives as one value.
          const isThrough = mapping.mapsOf(edge.id) > 0 && mapping.mapsOf(edge.id) <= level;
          return {
            ...rest,
            ...(data !== undefined && !isThrough && { data }),
            source: entry.id,
            sourceHandle: 'output',
          };
        }),
      ...exits.map(({ id, edgeId, source, handle }) => ({
        ...{ id: edgeId, source, sourceHandle: handle, target: id, targetHandle: 'value' },
      })),
    ],
  };
  const alone = mappingOf(structureOf(inner, catalogue), catalogue);
  const other = [...own].find((id) => alone.depthOf(id) + level !== mapping.depthOf(id));
  if (other !== undefined) {
    return [
      selectionFinding(
        `"${titleOf(other)}" would go through its lists differently in a workflow of its own. Select everything that goes through the list, or less of it.`,
        [other],
      ),
    ];
  }
  const callId = freeName('call', ids);
  const exitOf = new Map(exits.flatMap((exit) => exit.edges.map((edge) => [edge.id, exit] as const)));

  return {
    inner,
    replaced: ({ workflowId, contract }) => {
      const origin = parent === undefined ? { x: 0, y: 0 } : places.get(parent)!;
      const each = first === null ? undefined : structure.nodes.get(first)!.data['each'];
      const call: GraphNode = {
        id: callId,
        type: callNodeType,
        typeVersion: catalogue.get(callNodeType)?.version ?? 1,
        position: { x: box.left - origin.x, y: box.top - origin.y },
        ...(parent !== undefined && { parentId: parent }),
        data: {
          label: request.name,
          workflowId,
          version: contract.version,
          contract,
          ...(each !== undefined && { each }),
        },
      };
      const at = graph.nodes.findIndex(({ id }) => chosen.has(id));
      const nodes = graph.nodes.filter(({ id }, index) => !chosen.has(id) || index === at);
      return {
        ...graph,
        nodes: nodes.map((node) => (chosen.has(node.id) ? call : node)),
        edges: graph.edges.flatMap((edge): readonly GraphEdge[] => {
          const [entry, exit] = [entryOf.get(edge.id), exitOf.get(edge.id)];
          if (entry !== undefined) {
            if (entry.edges[0]!.id !== edge.id) return [];
            return [{ ...edge, target: callId, targetHandle: entry.name }];
          }
          if (exit !== undefined) return [{ ...edge, source: callId, sourceHandle: exit.name }];
          return own.has(edge.source) || own.has(edge.target) ? [] : [edge];
        }),
      };
    },
  };
}

/** How far inputs and results stand beside what is packed, and one below the other, in pixels of the canvas. */
const besides = 340;
const stepDown = 180;
const nodeWidth = 264;

/** Outputs that every node has. */
const outputsOfAll = ['error', 'errors'];

/** A frame goes with what is in it. */
function withFrames(graph: Graph, nodeIds: readonly string[]): ReadonlySet<string> {
  const chosen = new Set(nodeIds.filter((id) => graph.nodes.some((node) => node.id === id)));
  for (const { id } of graph.nodes) {
    const parent = parentOf(graph, id);
    if (parent !== undefined && chosen.has(parent)) chosen.add(id);
  }
  return chosen;
}

function selectionFindings(
  graph: Graph,
  structure: GraphStructure,
  catalogue: NodeCatalogue,
  own: ReadonlySet<string>,
): readonly GraphFinding[] {
  if (own.size === 0)
    return [selectionFinding('There is nothing to make a workflow of. Select at least one node.', [])];
  const titleOf = (id: string) => wordsOf(structure.nodes.get(id)!, catalogue);
  const findings: GraphFinding[] = [];
  for (const id of own) {
    const node = structure.nodes.get(id)!;
    const what = node.type === outputNodeType ? 'a result' : isMarked(node.data) ? 'an input' : null;
    if (what === null) continue;
    findings.push(
      selectionFinding(`"${titleOf(id)}" is ${what} of this workflow. Leave it out of the selection.`, [id]),
    );
  }
  for (const { nodes, begin, end } of allLoops(loopsOf(structure, catalogue))) {
    const among = nodes.filter((id) => own.has(id));
    if (among.length === 0 || among.length === nodes.length || !(own.has(begin) || own.has(end))) continue;
    findings.push(
      selectionFinding(
        `The selection has only one end of the loop of "${titleOf(begin)}". Select the whole loop, or only nodes between its ends.`,
        [begin, end],
      ),
    );
  }
  const back = backInto(structure, own);
  if (back !== null) {
    findings.push(
      selectionFinding(
        `A path from the selection leads back into it by way of "${titleOf(back)}". Select that node as well, or select less.`,
        [back],
      ),
    );
  }
  for (const { id, type, data } of graph.nodes) {
    if (!own.has(id) || annotationTypes.has(type) || data['off'] !== true) continue;
    findings.push(
      selectionFinding(`"${titleOf(id)}" is turned off. Turn it on first, or leave it out of the selection.`, [id]),
    );
  }
  return findings;
}

/** A node outside that comes after one of these and before another; null where there is none. */
function backInto({ dependents, dependencies }: GraphStructure, own: ReadonlySet<string>): string | null {
  const after = reachableFrom(own, dependents);
  const before = reachableFrom(own, dependencies);
  return [...after].find((id) => !own.has(id) && before.has(id)) ?? null;
}

/**
 * How many lists all of these are executed per element of, so that a call in their place is as well; what they go through
 * beyond that lies wholly among them. Null where they are a part of what is repeated, and not all within it.
 */
function levelOf(regions: readonly Region[], own: ReadonlySet<string>): number | null {
  for (const region of regions) {
    const among = region.nodes.filter((id) => own.has(id)).length;
    if (among === 0 || among === region.nodes.length) continue;
    if (among < own.size) return null;
    const inner = levelOf(region.inner, own);
    return inner === null ? null : inner + (region.loop === undefined ? 1 : 0);
  }
  return 0;
}

/** The node among these whose settings say how the lists around all of them are gone through; null where that is none of them. */
function settingsHolder(regions: readonly Region[], own: ReadonlySet<string>, level: number): string | null {
  if (level === 0) return null;
  const region = regions.find(({ nodes }) => nodes.some((id) => own.has(id)));
  if (region === undefined) return null;
  if (region.loop === undefined && own.has(region.driver)) return region.driver;
  return settingsHolder(region.inner, own, region.loop === undefined ? level - 1 : level);
}

function cutsRegion(
  regions: readonly Region[],
  own: ReadonlySet<string>,
  titleOf: (id: string) => string,
): GraphFinding {
  const region = regions.find(({ nodes }) => {
    const among = nodes.filter((id) => own.has(id)).length;
    return among > 0 && among < nodes.length;
  });
  const names = (region?.nodes ?? []).map((id) => `"${titleOf(id)}"`).join(', ');
  return selectionFinding(
    `The selection cuts through nodes that are executed once per element of a list (${names}). Select all of them, or only some of them and nothing else.`,
    region?.nodes ?? [],
  );
}

/** What comes in from one output of a node outside, as one type. */
interface Entry {
  readonly name: string;
  readonly title: string;
  readonly type: DataType;
  readonly isRequired: boolean;
  readonly edges: readonly ResolvedEdge[];
}

function inputsFor(
  {
    structure,
    catalogue,
    mapping,
    own,
    level,
  }: {
    readonly structure: GraphStructure;
    readonly catalogue: NodeCatalogue;
    readonly mapping: Mapping;
    readonly own: ReadonlySet<string>;
    readonly level: number;
  },
  nameFor: (source: string) => string,
): readonly Entry[] {
  const groups = new Map<string, { type: DataType; isRequired: boolean; edges: ResolvedEdge[] }>();
  for (const edge of structure.edges) {
    if (!own.has(edge.target) || own.has(edge.source)) continue;
    const node = structure.nodes.get(edge.target)!;
    const handles = handlesOfNode(catalogue.get(node.type)!, node, structure.configs);
    const input = findHandle(handles?.inputs ?? [], edge.targetHandle);
    if (input === undefined) continue;
    const carried = partsOf(mapping.carriedType(edge.source, edge.sourceHandle) ?? 'any');
    const element = heldElement(carried.element, input.dataType);
    const type = listOf(element, Math.max(0, carried.depth - Math.min(mapping.mapsOf(edge.id), level)));
    const key = JSON.stringify([edge.source, edge.sourceHandle, type, edge.each]);
    const group = groups.get(key) ?? { type, isRequired: false, edges: [] };
    group.edges.push(edge);
    group.isRequired ||= (input.carries ?? input.required) === true;
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => {
    const { source } = group.edges[0]!;
    return { ...group, name: nameFor(source), title: wordsOf(structure.nodes.get(source)!, catalogue) };
  });
}

/** What an input holds of what comes in: where that can be anything, what the node takes. */
function heldElement(carried: ElementType, wanted: DataType): ElementType {
  const { element } = partsOf(wanted);
  if (carried !== 'any') return isConnectable(carried, element) ? carried : element;
  return element === 'any' ? 'json' : element;
}

/** What leads out of one output of a node. */
interface Exit {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly handle: string;
  readonly edges: readonly ResolvedEdge[];
}

function resultsFor(
  structure: GraphStructure,
  own: ReadonlySet<string>,
  nameFor: (source: string, handle: string | undefined) => string,
): readonly Exit[] {
  const groups = new Map<string, ResolvedEdge[]>();
  for (const edge of structure.edges) {
    if (!own.has(edge.source) || own.has(edge.target)) continue;
    const key = JSON.stringify([edge.source, edge.sourceHandle]);
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  return [...groups.values()].map((edges) => {
    const { source, sourceHandle: handle } = edges[0]!;
    const name = nameFor(source, handle === 'output' ? undefined : handle);
    return { name, title: name.replaceAll('_', ' '), source, handle, edges };
  });
}

function entryNode(
  {
    id,
    name,
    title,
    type,
    isRequired,
    position,
  }: Entry & { readonly id: string; readonly position: GraphNode['position'] },
  catalogue: NodeCatalogue,
): GraphNode {
  const { element } = partsOf(type);
  const nodeType = isListType(type) ? 'list' : element;
  const definition = catalogue.get(nodeType);
  return {
    ...{ id, type: nodeType, position },
    typeVersion: definition?.version ?? 1,
    data: {
      ...definition?.defaults,
      ...(isListType(type) && { type: element, items: [] }),
      label: title,
      input: { name, label: title, ...(isRequired && { required: true }) },
    },
  };
}

function atTop(
  node: GraphNode,
  { isWithin, place }: { readonly isWithin: boolean; readonly place: GraphNode['position'] },
): GraphNode {
  if (isWithin) return node;
  const { parentId: _parent, ...rest } = node as GraphNode & { parentId?: unknown };
  return { ...rest, position: place };
}

function withoutEach(node: GraphNode): GraphNode {
  const { each: _each, ...data } = node.data;
  return { ...node, data };
}

function boxAround(places: readonly { readonly x: number; readonly y: number }[]) {
  const { x: left, y: top } = topLeft(places);
  return { left, top, right: Math.max(...places.map(({ x }) => x)) + nodeWidth };
}

/** What people call a node. */
function wordsOf({ type, data }: GraphNode, catalogue: NodeCatalogue): string {
  const { label } = data;
  return typeof label === 'string' && label.trim() !== '' ? label.trim() : (catalogue.get(type)?.title ?? type);
}

/** A name as inputs and results have it, made of words. */
function uniqueName(title: string, taken: Set<string>): string {
  const plain = title
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^[^A-Za-z]+|_+$/g, '')
    .toLowerCase()
    .slice(0, 48);
  return freeName(plain === '' ? 'value' : plain, taken, '_');
}
