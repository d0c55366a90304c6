import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { errorsOutputId } from '../../core/node-type/handles.ts';
import { errorOutputId } from '../../core/run/edges.ts';
import type { EdgeIndex } from './canvas-graph.ts';

/** The handles that edges of a node name and that it does not have (any more), each once. */
export function lostEndsOf(
  nodeId: string,
  { inputs, outputs }: Pick<NodeTypeInfo, 'inputs' | 'outputs'>,
  { incoming, outgoing }: EdgeIndex,
): { readonly inputs: readonly string[]; readonly outputs: readonly string[] } {
  const taken = [...(incoming.get(nodeId)?.keys() ?? [])];
  const given = (outgoing.get(nodeId) ?? []).map(({ sourceHandle }) => sourceHandle ?? '');
  // An end that names no handle means the only one.
  const isLost = (handles: readonly { readonly id: string }[]) => (id: string) =>
    id !== '' && id !== errorOutputId && id !== errorsOutputId && !handles.some((handle) => handle.id === id);
  return { inputs: taken.filter(isLost(inputs)), outputs: [...new Set(given)].filter(isLost(outputs)) };
}
