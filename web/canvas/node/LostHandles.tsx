import { Handle, Position } from '@xyflow/react';
import { useShallow } from 'zustand/react/shallow';
import type { NodeTypeInfo } from '../../../core/api/node-types.ts';
import { indexEdges } from '../../graph/canvas-graph.ts';
import { lostEndsOf } from '../../graph/lost-ends.ts';
import { useWorkflow } from '../environment.ts';

/** Ids of handles that edges of a node still name and that it has no more. */
export interface LostIds {
  readonly inputs: readonly { readonly id: string }[];
  readonly outputs: readonly { readonly id: string }[];
}

/** What edges of a node still hold on to. */
export function useLostHandles(nodeId: string, info: NodeTypeInfo): LostIds {
  const inputs = useWorkflow(useShallow((state) => lostEndsOf(nodeId, info, indexEdges(state.edges)).inputs));
  const outputs = useWorkflow(useShallow((state) => lostEndsOf(nodeId, info, indexEdges(state.edges)).outputs));
  return { inputs: inputs.map((id) => ({ id })), outputs: outputs.map((id) => ({ id })) };
}

/** Shows edges whose handle is gone, so that they can be moved to another handle. Nothing new connects here. */
export function LostHandles({ inputs, outputs }: LostIds) {
  if (inputs.length + outputs.length === 0) return null;
  return (
    <ul className="pb-1.5" aria-label="Connections to mend">
      {inputs.map(({ id }) => (
        <LostHandle key={id} id={id} side="target" />
      ))}
      {outputs.map(({ id }) => (
        <LostHandle key={id} id={id} side="source" />
      ))}
    </ul>
  );
}

function LostHandle({ id, side }: { id: string; side: 'source' | 'target' }) {
  const words = `${side === 'target' ? 'Input' : 'Output'} removed`;
  return (
    <li
      className={`relative flex h-5.5 items-center px-3 text-2xs text-danger ${side === 'source' ? 'justify-end' : ''}`}
      title="This handle is gone. Drag the end of the connection to another handle, or delete the connection."
    >
      {words}
      <Handle
        type={side}
        id={id}
        position={side === 'target' ? Position.Left : Position.Right}
        isConnectable={false}
        className="typed-handle"
        style={{ top: '50%', background: 'var(--danger)' }}
      />
    </li>
  );
}
