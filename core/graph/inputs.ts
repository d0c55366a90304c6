import type { NodeHandles } from '../node-type/definition.ts';
import type { NodeInputs, NodeOutputs, OutputValue } from '../node-type/values.ts';
import type { ResolvedEdge } from './structure.ts';

/**
 * The inputs of one node from the outputs of its dependencies: one key per
 * connected handle; a `many` handle holds an array in edge order. A dependency
 * that did not give the named output contributes null.
 */
export function resolveInputs(
  { inputs: handles }: Pick<NodeHandles, 'inputs'>,
  incoming: readonly ResolvedEdge[],
  outputsOf: (nodeId: string) => NodeOutputs | undefined,
): NodeInputs {
  const inputs: [string, OutputValue | OutputValue[]][] = [];
  for (const handle of handles) {
    const values = incoming
      .filter((edge) => edge.targetHandle === handle.id)
      .map((edge) => outputValue(outputsOf(edge.source), edge.sourceHandle));
    if (values.length === 0) continue;
    inputs.push([handle.id, handle.many === true ? values : values[0]!]);
  }
  return Object.fromEntries(inputs);
}

/** Own members only: a missing output called `toString` is null, not a function. */
function outputValue(outputs: NodeOutputs | undefined, handle: string): OutputValue {
  return outputs !== undefined && Object.hasOwn(outputs, handle) ? (outputs[handle] ?? null) : null;
}
