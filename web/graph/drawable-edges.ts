import type { CanvasEdge, CanvasNode } from './canvas-graph.ts';
import type { Catalogue } from './catalogue.ts';
import { connectionProblem, replacedEdges } from './connection-rules.ts';

/** The edges that were accepted, and why others were not. */
export interface DrawableEdges {
  readonly edges: CanvasEdge[];
  /** Why edges were left out; each reason once. */
  readonly reasons: readonly string[];
}

/** The edges of a graph that could have been drawn by hand, one after another; the others are left out. */
export function drawableEdges(
  nodes: readonly CanvasNode[],
  edges: readonly CanvasEdge[],
  catalogue: Catalogue,
): DrawableEdges {
  const drawn: CanvasEdge[] = [];
  const reasons = new Set<string>();
  for (const edge of edges) {
    // A new list each time: what is known of a list is kept by the list.
    const graph = { nodes, edges: [...drawn] };
    const { source, target, sourceHandle = null, targetHandle = null } = edge;
    const ends = { source, target, sourceHandle, targetHandle };
    const problem =
      connectionProblem(graph, catalogue, ends) ??
      (replacedEdges(graph, catalogue, ends).length > 0 ? 'This input takes only one connection.' : null);
    if (problem === null) drawn.push(edge);
    else reasons.add(problem);
  }
  return { edges: drawn, reasons: [...reasons] };
}
