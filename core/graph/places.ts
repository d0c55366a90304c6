import type { Graph, GraphNode } from './graph.ts';

/** A place on the canvas, in its pixels. */
export type Place = GraphNode['position'];

/** The frame that a node lies in; undefined where there is none. */
export function parentOf({ nodes }: Pick<Graph, 'nodes'>, id: string): string | undefined {
  const parent = nodes.find((node) => node.id === id)?.['parentId'];
  return typeof parent === 'string' && nodes.some((node) => node.id === parent) ? parent : undefined;
}

/** Where each node is on the canvas, also within frames, by its id. */
export function placesOf(nodes: readonly GraphNode[]): ReadonlyMap<string, Place> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const places = new Map<string, Place>();
  for (const { id } of nodes) placeOf(id, new Set());
  return places;

  function placeOf(id: string, seen: Set<string>): Place {
    const known = places.get(id);
    if (known !== undefined) return known;
    const { position, parentId } = byId.get(id)! as GraphNode & { parentId?: unknown };
    seen.add(id);
    const isWithin = typeof parentId === 'string' && byId.has(parentId) && !seen.has(parentId);
    const origin = isWithin ? placeOf(parentId, seen) : { x: 0, y: 0 };
    const place = { x: origin.x + position.x, y: origin.y + position.y };
    places.set(id, place);
    return place;
  }
}

/** The corner of what lies around some places. */
export function topLeft(places: readonly Place[]): Place {
  return { x: Math.min(...places.map(({ x }) => x)), y: Math.min(...places.map(({ y }) => y)) };
}
