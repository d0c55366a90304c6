import type { NodeHandles } from '../node-type/definition.ts';
import type { NodeInputs, NodeOutputs, OutputValue } from '../node-type/values.ts';
import type { ResolvedEdge } from './structure.ts';

/**
 * The inputs of one node from the outputs of its dependencies: one key per
 * handle with a live edge; a `many` handle holds the values of its live edges in
 * edge order. An edge is live where its source gave the output that it comes from.
 */
export function resolveInputs(
  { inputs: handles }: Pick<NodeHandles, 'inputs'>,
  incoming: readonly ResolvedEdge[],
  outputsOf: (nodeId: string, edge: ResolvedEdge) => NodeOutputs | null | undefined,
): NodeInputs {
  const inputs: [string, OutputValue | OutputValue[]][] = [];
  for (const handle of handles) {
    const values = incoming
      .filter((edge) => edge.targetHandle === handle.id)
      .flatMap((edge) => outputValue(outputsOf(edge.source, edge), edge.sourceHandle));
    if (values.length === 0) continue;
    inputs.push([handle.id, handle.many === true ? values : values[0]!]);
  }
  return Object.fromEntries(inputs);
}

/** One value or none. Own members only: a missing output called `toString` is none, and not a function. */
function outputValue(outputs: NodeOutputs | null | undefined, handle: string): [OutputValue] | [] {
  if (outputs === null || outputs === undefined || !Object.hasOwn(outputs, handle)) return [];
  return [outputs[handle] ?? null];
}
