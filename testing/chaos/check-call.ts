import { findRegions } from '../../core/graph/regions.ts';
import { structureOf } from '../../core/graph/structure.ts';
import { inputsOf } from '../../core/interface/inputs.ts';
import { outputName } from '../../core/interface/outputs.ts';
import type { NodeInputs, NodeOutputs, OutputValue } from '../../core/node-type/values.ts';
import { probedNodes } from '../probe-node.ts';
import type { HistoryNode } from './history.ts';
import type { CheckNested, ScopeView } from './scope.ts';

interface CheckedCall {
  /** The called workflow failed. */
  readonly isFailed: boolean;
  /** Its results. */
  readonly outputs: NodeOutputs;
  readonly excusedNodes: number;
}

/** Works out what must have come of a called workflow; null where it was never begun. */
export function checkCall(
  view: ScopeView,
  node: HistoryNode,
  inputs: NodeInputs,
  checkScope: CheckNested,
): CheckedCall | null {
  const { structure, evidence, complain, isCancelled, name } = view;
  const [part, ...more] = evidence.parts.get(node.id) ?? [];
  if (more.length > 0) complain(`${node.nodeId}: ${more.length + 1} parts of one call`);
  if (part === undefined) {
    if (node.status === 'COMPLETED') complain(`${node.nodeId}: COMPLETED, and nothing was called`);
    return null;
  }
  const { catalogue } = probedNodes;
  const called = structureOf(
    evidence.called.get(structure.nodes.get(node.nodeId)!.data['workflowId'] as number)!,
    catalogue,
  );
  const given = new Map<string, OutputValue>();
  for (const input of inputsOf({ nodes: [...called.nodes.values()] }, catalogue)) {
    if (Object.hasOwn(inputs, input.name)) given.set(input.nodeId, inputs[input.name]!);
  }
  const nodeIds = called.order.order.filter((id) => !given.has(id));
  const { isFailed, excusedNodes } = checkScope(
    {
      structure: called,
      nodeIds,
      regions: findRegions(called, catalogue, new Set(nodeIds)),
      run: part,
      outside: ({ source }) => given.get(source),
      isCancelled,
      name: `${name}${node.nodeId}() `,
    },
    evidence,
    (problem) => complain(problem.slice(name.length)),
  );
  const expected = isFailed ? 'FAILED' : 'COMPLETED';
  if (!isCancelled && part.status !== expected)
    complain(`${node.nodeId}: its call is ${part.status} and not ${expected}`);
  const results = part.nodes.flatMap(({ nodeId, outputs }) => {
    const result = outputName(called.nodes.get(nodeId)!);
    return result === null || outputs === null ? [] : [[result, outputs['output']!] as const];
  });
  return { isFailed, outputs: Object.fromEntries(results), excusedNodes };
}
