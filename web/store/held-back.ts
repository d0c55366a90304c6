import { canonicalJson } from '../../core/graph/canonical-json.ts';
import type { Graph } from '../../core/graph/graph.ts';
import type { ApiError } from '../api/api-error.ts';

/**
 * What the server has refused of a graph, so that the rest can be saved: nodes
 * go as they were accepted last, new ones and refused edges stay out. A node
 * is tried again as soon as its data changes, an edge as soon as there are others.
 */
export interface HeldBack {
  /** The part of a graph that can be sent. */
  savablePart(graph: Graph): Graph;
  /** Whether some of this graph is held back. */
  isHolding(graph: Graph): boolean;
  /** What the refusal of `sent`, a part of `graph`, was about is held back from now on; false where that is nothing new. */
  blame(error: ApiError, graph: Graph, sent: Graph): boolean;
  /** Why, by node. */
  reasons(graph: Graph): ReadonlyMap<string, string>;
  /** The server has taken this graph. */
  accept(graph: Graph): void;
}

/** Findings about how nodes are joined: nothing in a node puts them right. */
const joinCodes: ReadonlySet<string> = new Set(['GRAPH_CYCLE']);

/** `accepted` is the graph that the server took last. */
export function createHeldBack(accepted: Graph): HeldBack {
  let taken = accepted;
  /** The data of nodes that was refused, by node id. */
  const nodes = new Map<string, { data: object; reason: string }>();
  const edges = new Set<string>();
  /** The edges that there were when some were refused: with others, those may be right. */
  let edgesThen = '';

  const takenNode = (id: string) => taken.nodes.find((node) => node.id === id);
  const isRefused = (node: Graph['nodes'][number]) => nodes.get(node.id)?.data === node.data;

  function holdNode(graph: Graph, id: string, reason: string): boolean {
    const node = graph.nodes.find((candidate) => candidate.id === id);
    if (node === undefined || isRefused(node)) return false;
    const before = takenNode(id);
    // It goes as it was accepted already: something else is at fault.
    if (before !== undefined && canonicalJson(before.data) === canonicalJson(node.data)) return false;
    nodes.set(id, { data: node.data, reason });
    return true;
  }

  function holdEdge(graph: Graph, id: string): boolean {
    if (edges.has(id) || !graph.edges.some((edge) => edge.id === id)) return false;
    edges.add(id);
    edgesThen = idsOf(graph.edges);
    return true;
  }

  return {
    savablePart: (graph) => {
      if (edges.size > 0 && idsOf(graph.edges) !== edgesThen) edges.clear();
      const sent = graph.nodes.flatMap((node) => {
        if (!isRefused(node)) return [node];
        const before = takenNode(node.id);
        return before === undefined ? [] : [{ ...node, type: before.type, data: before.data }];
      });
      if (sent.length === graph.nodes.length && edges.size === 0) return { ...graph, nodes: sent };
      const ids = new Set(sent.map(({ id }) => id));
      return {
        ...graph,
        nodes: sent,
        edges: graph.edges.filter(({ id, source, target }) => !edges.has(id) && ids.has(source) && ids.has(target)),
      };
    },
    isHolding: (graph) => graph.nodes.some(isRefused) || graph.edges.some(({ id }) => edges.has(id)),
    blame: (error, graph, sent) => {
      let isNew = false;
      for (const { code, message, nodeIds, edgeIds, path } of error.problem?.errors ?? []) {
        if (edgeIds !== undefined) for (const id of edgeIds) isNew = holdEdge(graph, id) || isNew;
        else if (!joinCodes.has(code)) {
          const index = /^data\.nodes\[(\d+)\]/.exec(path ?? '')?.[1];
          const named = nodeIds ?? (index === undefined ? [] : [sent.nodes[Number(index)]?.id ?? '']);
          for (const id of named) isNew = holdNode(graph, id, message) || isNew;
        }
      }
      if (isNew) return true;
      // The refusal names nothing that could be left out: it is about what was changed last.
      const known = new Set(taken.edges.map(({ id }) => id));
      const holdNewEdges = () => sent.edges.filter(({ id }) => !known.has(id) && holdEdge(graph, id)).length > 0;
      const holdChangedNodes = () => sent.nodes.filter(({ id }) => holdNode(graph, id, error.message)).length > 0;
      return joinCodes.has(error.code) ? holdNewEdges() : holdChangedNodes() || holdNewEdges();
    },
    reasons: (graph) => {
      const refused = graph.nodes.filter(isRefused);
      return new Map(refused.map(({ id }) => [id, nodes.get(id)!.reason]));
    },
    accept: (graph) => {
      taken = graph;
    },
  };
}

function idsOf(edges: Graph['edges']): string {
  return edges.map(({ id }) => id).join(' ');
}
