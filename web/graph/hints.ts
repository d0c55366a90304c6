import type { CanvasNode } from './canvas-graph.ts';

/*
 * Notes of the starter that are gone for good once they were of use: `data.hint` says after what. A node with
 * `data.offUntil` is turned on by itself as soon as that is there. Whoever edits such a note, or turns such a node on or
 * off, has made it their own: both marks go then.
 */

/** In this order: after the first run, after the next one. */
const afterRuns = ['run', 'rerun'];

/** Whether there is anything to wait for. */
export function hasHints(nodes: readonly CanvasNode[]): boolean {
  return nodes.some(({ data }) => data['hint'] !== undefined || data['offUntil'] !== undefined);
}

/** The nodes without the hint that a run was for; null where there is none. */
export function withoutHintOfRun(nodes: readonly CanvasNode[]): CanvasNode[] | null {
  const used = afterRuns.find((hint) => nodes.some(({ data }) => data['hint'] === hint));
  return used === undefined ? null : nodes.filter(({ data }) => data['hint'] !== used);
}

/** The nodes with those turned on that waited for a model, without the hint how to get one; null where none waits. */
export function withModel(nodes: readonly CanvasNode[], model: string): CanvasNode[] | null {
  if (!nodes.some(({ data }) => data['offUntil'] === 'model')) return null;
  return nodes
    .filter(({ data }) => data['hint'] !== 'model')
    .map((node) => {
      if (node.data['offUntil'] !== 'model') return node;
      const { off: _off, offUntil: _until, ...data } = node.data;
      return { ...node, data: node.type === 'llm' ? { ...data, model } : data };
    });
}
