import { BaseEdge, EdgeLabelRenderer, getBezierPath, ViewportPortal, type EdgeProps } from '@xyflow/react';
import { X } from 'lucide-react';
import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { isListType } from '../../../core/data-types/table.ts';
import { cn } from '../../ui/cn.ts';
import { indexNodes, isSameContent, type CanvasEdge } from '../../graph/canvas-graph.ts';
import { handleType } from '../../graph/catalogue.ts';
import { detourOf } from '../../graph/detour.ts';
import { useEnvironment, useRuns, useWorkflow, useWorkflowUnless } from '../environment.ts';
import { useDetail } from '../far/far.ts';
import { useEdgeLists } from './use-lists.ts';
import { lazyPart } from '../../ui/lazy-part.ts';
import { typeColor } from '../../ui/type-colors.ts';
import { OptionalPart } from '../../shell/PartBoundary.tsx';

const EachSwitch = lazyPart(() => import('./EachSwitch.tsx'), 'EachSwitch').Component;

/**
 * A connection in the color of its data; it moves while the node behind it works on what came through. It is led around
 * nodes that stand in its way. Those of selected nodes are lit, and the others step back.
 */
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
  const light = useWorkflow(({ selectedNodes }) => lightOf(selectedNodes, source, target));
  const { isLarge } = useDetail();
  const { sourceX, sourceY, targetX, targetY } = props;
  const detour = useWorkflow(
    useShallow(({ nodes }) =>
      // Among hundreds of nodes, all of them would have to be looked at for each.
      isLarge ? null : detourOf(nodes, props, { x: sourceX, y: sourceY }, { x: targetX, y: targetY }),
    ),
  );
  const [plain, plainX, plainY] = getBezierPath(props);
  const path = detour?.path ?? plain;
  const [labelX, labelY] = detour === null ? [plainX, plainY] : [detour.x, detour.y];
  const isStrong = isMoving || selected === true || light === 'lit';
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        className={cn(isDead && 'edge-dead', isList && 'edge-list', light !== null && `edge-${light}`)}
        style={{
          stroke: isDead ? 'var(--status-skipped)' : color,
          strokeOpacity: isStrong ? 1 : light === 'dim' ? 0.2 : isDead ? 0.45 : 0.65,
          ...((isOff || isBroken || isDead) && { strokeDasharray: '4 6' }),
        }}
        interactionWidth={24}
      />
      {isList && !isBroken && <path d={path} className="edge-list-gap" />}
      {detour?.path === null && (
        <ViewportPortal>
          <svg className="edge-through">
            <path d={path} stroke={color} />
          </svg>
        </ViewportPortal>
      )}
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

const selections = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Whether an edge belongs to a selected node; null where none is selected. */
function lightOf(selected: readonly string[], source: string, target: string): 'lit' | 'dim' | null {
  if (selected.length === 0) return null;
  const ids = selections.get(selected) ?? new Set(selected);
  selections.set(selected, ids);
  return ids.has(source) || ids.has(target) ? 'lit' : 'dim';
}
