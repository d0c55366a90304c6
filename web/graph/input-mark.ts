import { isTurnedOff } from '../../core/graph/graph.ts';
import type { NodeData } from './canvas-graph.ts';
import type { Catalogue } from './catalogue.ts';

/** What marks a node as an input of its workflow, whether or not it is right; null where nothing does. */
export function markOf(data: Readonly<NodeData>): Readonly<Record<string, unknown>> | null {
  const mark = data['input'];
  return typeof mark === 'object' && mark !== null ? (mark as Readonly<Record<string, unknown>>) : null;
}

/** Whether whoever runs the workflow is asked for the value of this node. */
export function isAskedFor(
  { type = '', data }: { readonly type?: string | undefined; readonly data: Readonly<NodeData> },
  catalogue: Catalogue,
): boolean {
  const mark = markOf(data);
  return mark !== null && mark['hidden'] !== true && !isTurnedOff({ data }) && catalogue.get(type)?.value !== undefined;
}
