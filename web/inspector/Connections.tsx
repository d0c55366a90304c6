import { Unplug } from 'lucide-react';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { typeColor } from '../ui/type-colors.ts';
import { useEnvironment, useWorkflow, useWorkflowUnless } from '../canvas/environment.ts';
import {
  indexEdges,
  indexNodes,
  isSameContent,
  nameOf,
  type CanvasEdge,
  type CanvasNode,
} from '../graph/canvas-graph.ts';
import { useEdgeLists, useListPart } from '../canvas/edge/use-lists.ts';
import { errorOutput, errorsOutput } from '../../core/node-type/handles.ts';
import { infoOf } from '../graph/catalogue.ts';
import { connectionProblem } from '../graph/connection-rules.ts';
import { IconButton } from '../ui/Button.tsx';
import { Select, type SelectOption } from '../ui/Select.tsx';

interface Ends {
  source: string;
  sourceHandle: string;
  target: string;
  targetHandle: string;
}

function areSameNodes(before: readonly CanvasNode[], after: readonly CanvasNode[]): boolean {
  return before.length === after.length && before.every((node, index) => isSameContent(node, after[index]));
}

/** How a list goes along an edge, where both ways fit. */
function EachChoice({ edge, isReadOnly }: { edge: CanvasEdge; isReadOnly: boolean }) {
  const lists = useEdgeLists(edge.id);
  const setEach = useWorkflow((state) => state.setEach);
  if (lists === null || lists.choice === null) return null;
  return (
    <Select
      label="How the list is handed over"
      value={lists.choice}
      disabled={isReadOnly}
      groups={[
        {
          options: [
            { value: 'together', label: 'All together' },
            { value: 'each', label: 'For each' },
          ],
        },
      ]}
      className="h-6 text-2xs"
      onChange={(value) => setEach(edge.id, value === 'each')}
    />
  );
}

/** What is connected where, and a way to connect without a pointer. */
export function Connections({ node, info }: { node: CanvasNode; info: NodeTypeInfo }) {
  const { catalogue, isReadOnly } = useEnvironment();
  // Which ends fit does not depend on where the nodes are: while one is dragged all this stays.
  const nodes = useWorkflowUnless((state) => state.nodes, areSameNodes);
  const edges = useWorkflow((state) => state.edges);
  const onConnect = useWorkflow((state) => state.onConnect);
  const deleteEdges = useWorkflow((state) => state.deleteEdges);
  const part = useListPart();
  const isFirst = useWorkflow((state) => part?.listsErrors(state, catalogue, node.id) === true);
  const { incoming, outgoing } = indexEdges(edges);
  const titleOf = (id: string) => {
    const other = indexNodes(nodes).get(id);
    return other === undefined ? id : nameOf(other, catalogue.get(other.type ?? '')?.title);
  };

  /** Every end that this handle could be joined to now. */
  const candidates = (handleId: string, side: 'in' | 'out'): { option: SelectOption; ends: Ends }[] =>
    nodes.flatMap((other) =>
      (infoOf(catalogue, other)?.[side === 'in' ? 'outputs' : 'inputs'] ?? []).flatMap((handle) => {
        const ends: Ends =
          side === 'in'
            ? { source: other.id, sourceHandle: handle.id, target: node.id, targetHandle: handleId }
            : { source: node.id, sourceHandle: handleId, target: other.id, targetHandle: handle.id };
        if (connectionProblem({ nodes, edges }, catalogue, ends) !== null) return [];
        return [{ option: { value: JSON.stringify(ends), label: `${titleOf(other.id)}: ${handle.title}` }, ends }];
      }),
    );

  const rows = [
    ...info.inputs.map((handle) => ({
      handle,
      side: 'in' as const,
      joined: (incoming.get(node.id)?.get(handle.id) ?? []).map((edge) => ({ edge, other: edge.source })),
    })),
    ...[...info.outputs, errorOutput, ...(isFirst ? [errorsOutput] : [])].map((handle) => ({
      handle,
      side: 'out' as const,
      joined: (outgoing.get(node.id) ?? [])
        .filter(({ sourceHandle }) => (sourceHandle ?? info.outputs[0]?.id) === handle.id)
        .map((edge) => ({ edge, other: edge.target })),
    })),
  ];
  return (
    <section aria-label="Connections" className="mt-1 flex flex-col gap-2 border-t border-line pt-3">
      <h3 className="text-xs font-semibold text-faint">Connections</h3>
      {rows.map(({ handle, side, joined }) => {
        const options = isReadOnly ? [] : candidates(handle.id, side);
        return (
          <div key={`${side} ${handle.id}`} className="flex flex-col gap-1">
            <span className="flex items-center gap-1.5 text-xs text-muted">
              <span aria-hidden className="size-2 rounded-full" style={{ background: typeColor(handle.dataType) }} />
              {handle.title} <span className="text-faint">{side === 'in' ? 'in' : 'out'}</span>
            </span>
            {joined.map(({ edge, other }) => (
              <span key={edge.id} className="flex h-7 items-center gap-1 rounded-md bg-raised pr-1 pl-2 text-xs">
                <span className="min-w-0 flex-1 truncate">{titleOf(other)}</span>
                <EachChoice edge={edge} isReadOnly={isReadOnly} />
                {!isReadOnly && (
                  <IconButton label={`Disconnect ${titleOf(other)}`} size="sm" onClick={() => deleteEdges([edge.id])}>
                    <Unplug size={12} />
                  </IconButton>
                )}
              </span>
            ))}
            {options.length > 0 && (
              <Select
                label={`Connect ${handle.title} ${side === 'in' ? 'from' : 'to'}`}
                value=""
                placeholder={side === 'in' ? 'Connect from …' : 'Connect to …'}
                groups={[{ options: options.map(({ option }) => option) }]}
                className="h-7 text-xs"
                onChange={(value) => {
                  const chosen = options.find(({ option }) => option.value === value);
                  if (chosen !== undefined) onConnect(chosen.ends);
                }}
              />
            )}
          </div>
        );
      })}
    </section>
  );
}
