import { BaseEdge, EdgeLabelRenderer, getBezierPath, type EdgeProps } from '@xyflow/react';
import { X } from 'lucide-react';
import { lazy, memo } from 'react';
import { isListType } from '../../../core/data-types/table.ts';
import { cn } from '../../ui/cn.ts';
import { indexNodes, isSameContent, type CanvasEdge } from '../../graph/canvas-graph.ts';
import { handleType } from '../../graph/catalogue.ts';
import { useEnvironment, useRuns, useWorkflow, useWorkflowUnless } from '../environment.ts';
import { useEdgeLists } from './use-lists.ts';
import { typeColor } from '../../ui/type-colors.ts';
import { OptionalPart } from '../../shell/PartBoundary.tsx';

const EachSwitch = lazy(async () => ({ default: (await import('./EachSwitch.tsx')).EachSwitch }));

/** A connection in the color of its data; it moves while the node behind it works on what came through. */
export const TypedEdge = memo(function TypedEdge(props: EdgeProps<CanvasEdge>) {
  const { id, source, target, sourceHandleId, targetHandleId, selected } = props;
  const { catalogue, isReadOnly } = useEnvironment();
  const sourceNode = useWorkflowUnless((state) => indexNodes(state.nodes).get(source), isSameContent);
  const targetNode = useWorkflowUnless((state) => indexNodes(state.nodes).get(target), isSameContent);
  const isOff = useWorkflow(({ nodes }) =>
    [source, target].some((end) => indexNodes(nodes).get(end)?.data['off'] === true),
  );
  const deleteEdges = useWorkflow((state) => state.deleteEdges);
  const isMoving = useRuns(({ view }) => {
    const from = view?.nodes[source]?.execution.status;
    const to = view?.nodes[target]?.execution.status;
    return (from === 'COMPLETED' || from === undefined) && (to === 'RUNNING' || to === 'QUEUED');
  });
  const dataType = handleType(catalogue, sourceNode, 'outputs', sourceHandleId);
  const isBroken = dataType === null || handleType(catalogue, targetNode, 'inputs', targetHandleId) === null;
  const isDead = useRuns(({ view }) => view?.nodes[target]?.execution.edges?.[id] === 'dead');
  const lists = useEdgeLists(id);
  const color = isBroken ? 'var(--danger)' : typeColor(lists?.type ?? dataType);
  const isList = lists !== null && isListType(lists.type);
  const [path, labelX, labelY] = getBezierPath(props);
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        className={cn(isDead && 'edge-dead', isList && 'edge-list')}
        style={{
          stroke: isDead ? 'var(--status-skipped)' : color,
          strokeOpacity: isMoving || selected ? 1 : isDead ? 0.45 : 0.65,
          ...((isOff || isBroken || isDead) && { strokeDasharray: '4 6' }),
        }}
        interactionWidth={24}
      />
      {isList && !isBroken && <path d={path} className="edge-list-gap" />}
      {isMoving && <path d={path} className="edge-flow" style={{ stroke: 'var(--text)' }} />}
      {lists !== null && lists.choice !== null && !isBroken && (
        <OptionalPart name="The switch of the edge">
          <EachSwitch edgeId={id} choice={lists.choice} x={labelX} y={labelY} isBeside={selected === true} />
        </OptionalPart>
      )}
      {selected === true && !isReadOnly && (
        <EdgeLabelRenderer>
          <button
            type="button"
            aria-label="Delete connection"
            onClick={() => deleteEdges([id])}
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
            className="nodrag nopan pointer-events-auto absolute flex size-5 items-center justify-center rounded-full border border-line-strong bg-raised text-muted hover:text-danger"
          >
            <X size={12} aria-hidden />
          </button>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
