import { inputsOf } from '../interface/inputs.ts';
import { outputName } from '../interface/outputs.ts';
import { outputNodeType } from '../interface/settings.ts';
import type { NodeCatalogue } from '../node-type/definition.ts';
import type { GraphFinding } from './findings.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';
import { mappingOf } from './mapping.ts';
import { parentOf, placesOf, topLeft } from './places.ts';
import { freeName, selectionFinding } from './selection.ts';
import { structureOf } from './structure.ts';

/** A call that is to give way to what it calls. */
export interface UnpackRequest {
  /** Valid. */
  readonly graph: Graph;
  readonly catalogue: NodeCatalogue;
  /** The node that calls. */
  readonly nodeId: string;
  /** The graph of the version that it calls. */
  readonly called: Graph;
}

/**
 * The graph with the nodes of a called workflow in place of the call: what undoes `packSelection`. Ids stay where they are
 * free, and inputs that the call gives nothing to stay as nodes with their own values. The findings say why that cannot be done.
 */
export function unpackCall({ graph, catalogue, nodeId, called }: UnpackRequest): Graph | readonly GraphFinding[] {
  const call = graph.nodes.find(({ id }) => id === nodeId)!;
  const into = new Map(
    graph.edges.filter(({ target }) => target === nodeId).map((edge) => [edge.targetHandle ?? '', edge]),
  );
  const inputs = new Map(inputsOf(called, catalogue).map(({ name, nodeId: id }) => [name, id]));
  const results = new Map(
    called.nodes.flatMap((node) => {
      const name = outputName(node);
      return name === null ? [] : [[name, node.id] as const];
    }),
  );
  const out = graph.edges.filter(({ source }) => source === nodeId);
  const lost = [
    ...[...into.keys()].filter((name) => !inputs.has(name)),
    ...out.map(({ sourceHandle }) => sourceHandle ?? '').filter((name) => !results.has(name)),
  ];
  if (lost.length > 0) {
    return [
      selectionFinding(
        `Something is connected to "${lost[0]}" of the call, which is no input or result of the called workflow. Remove that connection first.`,
        [nodeId],
      ),
    ];
  }
  const given = new Map([...into].map(([name, edge]) => [inputs.get(name)!, edge]));
  const gone = (id: string) => given.has(id) || called.nodes.find((node) => node.id === id)?.type === outputNodeType;

  const kept = called.nodes.filter(({ id }) => !gone(id));
  const ids = idsFor(
    kept,
    graph.nodes.filter(({ id }) => id !== nodeId),
  );
  const idOf = (id: string) => ids.get(id)!;
  const places = placesOf(called.nodes);
  const corner = kept.length === 0 ? { x: 0, y: 0 } : topLeft(kept.map(({ id }) => places.get(id)!));
  const parent = parentOf(graph, nodeId);
  const keptIds = new Set(kept.map(({ id }) => id));
  const first = firstOf(called, catalogue, keptIds);
  const nodes = kept.map((node): GraphNode => {
    const inFrame = parentOf(called, node.id);
    const isTop = inFrame === undefined || !keptIds.has(inFrame);
    const { x, y } = places.get(node.id)!;
    const { parentId: _parent, ...rest } = node as GraphNode & { parentId?: unknown };
    const { input: _mark, ...data } = node.data;
    const each = node.id === first ? call.data['each'] : undefined;
    return {
      ...rest,
      id: idOf(node.id),
      position: isTop ? { x: x - corner.x + call.position.x, y: y - corner.y + call.position.y } : node.position,
      ...(isTop ? parent !== undefined && { parentId: parent } : { parentId: idOf(inFrame) }),
      data: { ...data, ...(each !== undefined && { each }) },
    };
  });

  /** Where what comes out of a node of the called workflow comes from in this graph. */
  const sourceOf = ({ source, sourceHandle }: GraphEdge) => {
    const edge = given.get(source);
    return edge === undefined
      ? { source: idOf(source), sourceHandle: sourceHandle ?? null }
      : { source: edge.source, sourceHandle: edge.sourceHandle ?? null };
  };
  const edgeIds = new Set(graph.edges.filter(({ target }) => target !== nodeId).map(({ id }) => id));
  const inner = called.edges
    .filter(({ target, source }) => keptIds.has(target) && (keptIds.has(source) || given.has(source)))
    .map((edge): GraphEdge => ({
      // How a list goes along may be said before an input of the call.
      ...dataOf(given.get(edge.source)),
      ...edge,
      ...sourceOf(edge),
      id: freeName(edge.id, edgeIds),
      target: idOf(edge.target),
    }));
  const leadingTo = new Map(called.edges.map((edge) => [edge.target, edge] as const));
  const outer = graph.edges.flatMap((edge): readonly GraphEdge[] => {
    if (edge.target === nodeId) return [];
    if (edge.source !== nodeId) return [edge];
    const leading = leadingTo.get(results.get(edge.sourceHandle ?? '')!);
    return leading === undefined ? [] : [{ ...edge, ...sourceOf(leading) }];
  });
  const at = graph.nodes.indexOf(call);
  const unpacked: Graph = {
    ...graph,
    nodes: [...graph.nodes.slice(0, at), ...nodes, ...graph.nodes.slice(at + 1)],
    edges: [...outer, ...inner],
  };
  const problem = gathered({ graph, catalogue, nodeId, called }, unpacked, ids);
  return problem === null ? unpacked : [problem];
}

/** A node that takes a list whole takes that of one execution in a called workflow, and would take that of all outside of it. */
function gathered(
  { graph, catalogue, nodeId, called }: UnpackRequest,
  unpacked: Graph,
  ids: ReadonlyMap<string, string>,
): GraphFinding | null {
  const depthIn = (of: Graph) => {
    const mapping = mappingOf(structureOf(of, catalogue), catalogue);
    return (id: string) => mapping.depthOf(id);
  };
  const level = depthIn(graph)(nodeId);
  if (level === 0) return null;
  const [before, after] = [depthIn(called), depthIn(unpacked)];
  const structure = structureOf(unpacked, catalogue);
  const wrong = called.nodes.find(({ id }) => {
    const now = ids.get(id);
    // What gets nothing from outside is executed once for all.
    return (
      now !== undefined &&
      structure.nodes.has(now) &&
      structure.dependencies.get(now)!.length > 0 &&
      after(now) !== before(id) + level
    );
  });
  if (wrong === undefined) return null;
  const { label } = wrong.data;
  return selectionFinding(
    `The workflow is called once for each element of a list, and "${typeof label === 'string' ? label : wrong.id}" in it would not be executed per element outside of the call. Keep the call.`,
    [nodeId],
  );
}

/** The node whose settings say how the elements of a list are gone through, where all of these are executed for each. */
function firstOf(called: Graph, catalogue: NodeCatalogue, kept: ReadonlySet<string>): string | undefined {
  const { order, dependencies } = structureOf(called, catalogue);
  return order.order.find((id) => kept.has(id) && dependencies.get(id)!.length > 0);
}

function dataOf(edge: GraphEdge | undefined): { readonly data?: unknown } {
  return edge?.['data'] === undefined ? {} : { data: edge['data'] };
}

/** Ids of nodes as they are free in another graph. */
function idsFor(nodes: readonly GraphNode[], others: readonly GraphNode[]): ReadonlyMap<string, string> {
  const taken = new Set(others.map(({ id }) => id));
  return new Map(nodes.map(({ id }) => [id, freeName(id, taken)]));
}
