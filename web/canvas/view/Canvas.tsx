import {
  ConnectionMode,
  Controls,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  useStore as useFlowStore,
  type FitViewOptions,
  type NodeMouseHandler,
  type NodeTypes,
  type OnMove,
  type OnNodeDrag,
  type OnReconnect,
  type SelectionDragHandler,
} from '@xyflow/react';
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type DragEvent,
  type MouseEvent,
} from 'react';
import { useConfig } from '../../api/context.ts';
import type { CanvasNode } from '../../graph/canvas-graph.ts';
import { newNodeData } from '../../graph/new-node-data.ts';
import { nodeStatusOf } from '../../live/node-status.ts';
import { standingOf } from '../../live/summarize.ts';
import { OptionalPart } from '../../shell/PartBoundary.tsx';
import { cn } from '../../ui/cn.ts';
import { pageMotion } from '../../ui/page-motion.ts';
import { useTheme } from '../../ui/theme.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';
import { draggedTypeKey } from '../../palette/Palette.tsx';
import { GroupNode } from '../annotations/GroupNode.tsx';
import { NodeCard } from '../node/NodeCard.tsx';
import { NoteNode } from '../annotations/NoteNode.tsx';
import type { QuickAddRequest } from '../quick-add/QuickAdd.tsx';
import { lazyPart, fetchWhenCalm } from '../../ui/lazy-part.ts';
import { TypedEdge } from '../edge/TypedEdge.tsx';
import { CanvasDots } from './CanvasDots.tsx';
import { takeInLater } from '../files/take-in-later.ts';
import { DetailContext, faceLetters, farZoom, largeGraph, placePlainly } from '../far/far.ts';
import { fitOptions, phoneFitOptions } from './fit.ts';
import { useConnecting } from './use-connecting.ts';
import { useFirstFit } from './use-first-fit.ts';
import { usePanLayer } from './use-pan-layer.ts';
import { useRevealNew } from './use-reveal-new.ts';

/** What nobody needs before the graph is there. */
const smallMap = lazyPart(() => import('./SmallMap.tsx'), 'SmallMap');
const farRings = lazyPart(() => import('../far/FarRings.tsx'), 'FarRings');
const farFaces = lazyPart(() => import('../far/FarFaces.tsx'), 'FarFaces');
const farEdges = lazyPart(() => import('../far/FarEdges.tsx'), 'FarEdges');
const loopFrames = lazyPart(() => import('../loops/LoopFrames.tsx'), 'LoopFrames');
const quickAdd = lazyPart(() => import('../quick-add/QuickAdd.tsx'), 'QuickAdd');
const edgeTypes = { default: TypedEdge };
const annotationNodes = { note: NoteNode, group: GroupNode };
/** The grid of the design: positions snap to 16 px. */
const snapGrid: [number, number] = [16, 16];
const multiSelectionKeys = ['Shift', 'Meta', 'Control'];
const ariaLabels = {
  'node.a11yDescription.default': 'Press Enter to select, arrow keys to move, Delete to remove.',
};
const noEdges: never[] = [];

interface CanvasProps {
  isSnapping: boolean;
  /** Default true; never on a phone, or where there is nothing to find. */
  hasMiniMap?: boolean;
  /** Where the small map stands beside the canvas; default: over its corner. */
  mapHome?: HTMLElement | null;
  /** Default: with room for what lies over the canvas. */
  fit?: FitViewOptions;
  isPhone: boolean;
  quickAddAt: QuickAddRequest | null;
  onQuickAdd(request: QuickAddRequest | null): void;
  onContextMenu(at: { x: number; y: number }): void;
}

/** The graph itself: nodes, edges and everything the pointer does with them. */
export function Canvas({
  isSnapping,
  hasMiniMap = true,
  mapHome = null,
  isPhone,
  fit = isPhone ? phoneFitOptions : fitOptions,
  quickAddAt,
  onQuickAdd,
  onContextMenu,
}: CanvasProps) {
  const { store, catalogue, providers, notify, isReadOnly, uploads } = useEnvironment();
  const limits = useConfig().data?.limits ?? null;
  const nodes = useWorkflow((state) => state.nodes);
  const edges = useWorkflow((state) => state.edges);
  const { onEdgesChange, onConnect, onReconnect, addNode, selectNodes, joinFrames } = store.getState();
  const flow = useReactFlow<CanvasNode>();
  const theme = useTheme();
  const isLarge = nodes.length > largeGraph;
  // Before the graph has been fitted into the view nobody has seen it: it is measured as it looks from far.
  const isFar = useFlowStore(
    ({ transform: [x, y, zoom] }) => isLarge && (zoom < farZoom || (x === 0 && y === 0 && zoom === 1)),
  );
  const letters = useFlowStore(({ transform: [, , zoom] }) => faceLetters(zoom, { isLarge, isReadOnly }));
  const detail = useMemo(() => ({ isFar, isLarge }), [isFar, isLarge]);
  const shownNodes = useMemo(() => (isFar ? placePlainly(nodes) : nodes), [isFar, nodes]);
  const { startsFitted, onInit, onNodesChange, settle } = useFirstFit(fit);
  useRevealNew(settle);
  const { isValidConnection, onConnectEnd } = useConnecting(onQuickAdd);
  const panLayer = usePanLayer();
  const [isDropTarget, setIsDropTarget] = useState(false);

  const nodeTypes = useMemo<NodeTypes>(
    () => ({
      ...Object.fromEntries([...catalogue.keys()].map((type) => [type, NodeCard])),
      ...annotationNodes,
      default: NodeCard,
    }),
    [catalogue],
  );

  /*
   * Handlers keep their identity from one drawing to the next: React Flow hands
   * them to every single node, and a new one would draw all of them again.
   */
  const area = useRef<HTMLDivElement>(null);
  const onMoveStart = useCallback<OnMove>(
    (event) => {
      if (store.getState().nodes.length <= largeGraph) return;
      // With the wheel, or by itself, the view moves under a pointer that may click at any moment.
      area.current!.dataset['moving'] = event === null || event.type === 'wheel' ? 'free' : 'held';
      pageMotion.hold(true);
      if (isFar) panLayer.begin();
    },
    [store, panLayer, isFar],
  );
  const onMoveEnd = useCallback(() => {
    delete area.current!.dataset['moving'];
    pageMotion.hold(false);
    panLayer.end();
  }, [panLayer]);
  useEffect(() => () => pageMotion.hold(false), []);
  useEffect(() => fetchWhenCalm([quickAdd]), []);
  const onDragStart = useCallback(() => pageMotion.hold(store.getState().nodes.length > largeGraph), [store]);
  const onDragStop = useCallback(
    (moved: readonly CanvasNode[]) => {
      pageMotion.hold(false);
      joinFrames(moved.map(({ id }) => id));
    },
    [joinFrames],
  );
  const onNodeDragStop = useCallback<OnNodeDrag<CanvasNode>>((_, __, moved) => onDragStop(moved), [onDragStop]);
  const onSelectionDragStop = useCallback<SelectionDragHandler<CanvasNode>>(
    (_, moved) => onDragStop(moved),
    [onDragStop],
  );
  const openMenu = useCallback(
    (event: MouseEvent | globalThis.MouseEvent) => {
      event.preventDefault();
      onContextMenu({ x: event.clientX, y: event.clientY });
    },
    [onContextMenu],
  );
  const onNodeContextMenu = useCallback<NodeMouseHandler<CanvasNode>>(
    (event, { id }) => {
      if (!store.getState().selectedNodes.includes(id)) selectNodes([id]);
      openMenu(event);
    },
    [store, selectNodes, openMenu],
  );

  const onReconnectEdge = useCallback<OnReconnect>((edge, ends) => onReconnect(edge.id, ends), [onReconnect]);

  const onDrop = (event: DragEvent) => {
    setIsDropTarget(false);
    settle();
    if (isReadOnly) return;
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const type = event.dataTransfer.getData(draggedTypeKey);
    if (type !== '') {
      event.preventDefault();
      const data = newNodeData(catalogue.get(type), { nodes: store.getState().nodes, providers });
      addNode(type, { x: at.x - 132, y: at.y - 20 }, data);
    } else if (takeInLater({ store, catalogue, uploads, notify, limits }, event.dataTransfer, at)) {
      event.preventDefault();
    }
  };

  const onDoubleClick = (event: MouseEvent) => {
    const isPane = event.target instanceof Element && event.target.classList.contains('react-flow__pane');
    if (isPane && !isReadOnly)
      onQuickAdd({ screen: { x: event.clientX, y: event.clientY }, isExact: true, from: null });
  };

  return (
    <div
      ref={area}
      className={`relative h-full ${isDropTarget ? 'outline-2 -outline-offset-4 outline-accent-text outline-dashed' : ''}`}
      onDoubleClick={onDoubleClick}
      onKeyDownCapture={settle}
      onPointerDownCapture={settle}
      onWheelCapture={settle}
      onDragOver={(event) => {
        if (isReadOnly) return;
        event.preventDefault();
        setIsDropTarget(event.dataTransfer.types.includes('Files'));
      }}
      onDragLeave={() => setIsDropTarget(false)}
      onDrop={onDrop}
    >
      <DetailContext value={detail}>
        <ReactFlow<CanvasNode>
          className={cn(isLarge && 'canvas-large', letters !== null && 'canvas-faces')}
          style={letters === null ? undefined : ({ '--letters': `${letters}px` } as CSSProperties)}
          nodes={shownNodes}
          edges={isFar ? noEdges : edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          onConnect={onConnect}
          onReconnect={onReconnectEdge}
          edgesReconnectable={!isReadOnly}
          onMoveStart={onMoveStart}
          onMoveEnd={onMoveEnd}
          onConnectEnd={onConnectEnd}
          onNodeDragStart={onDragStart}
          onNodeDragStop={onNodeDragStop}
          onSelectionDragStart={onDragStart}
          onSelectionDragStop={onSelectionDragStop}
          isValidConnection={isValidConnection}
          connectionMode={ConnectionMode.Strict}
          // Twice the size of a handle: near enough counts as a hit.
          connectionRadius={28}
          colorMode={theme}
          onlyRenderVisibleElements={isLarge}
          nodesDraggable={!isReadOnly}
          nodesConnectable={!isReadOnly}
          elementsSelectable
          snapToGrid={isSnapping}
          snapGrid={snapGrid}
          selectionMode={SelectionMode.Partial}
          multiSelectionKeyCode={multiSelectionKeys}
          // Removing is a command of its own, so that it is one step back.
          deleteKeyCode={null}
          zoomOnDoubleClick={false}
          minZoom={0.08}
          maxZoom={2.5}
          fitView={startsFitted}
          onInit={onInit}
          fitViewOptions={fit}
          onPaneContextMenu={openMenu}
          onNodeContextMenu={onNodeContextMenu}
          onSelectionContextMenu={openMenu}
          ariaLabelConfig={ariaLabels}
        >
          {!isFar && <CanvasDots />}
          <Controls showInteractive={false} fitViewOptions={fit} position="bottom-left" />
          {!isPhone && hasMiniMap && nodes.length > 0 && (
            // Drawn anew where it moves.
            <smallMap.Component key={mapHome === null ? 'over' : 'beside'} home={mapHome} />
          )}
          {isFar && (
            <>
              <farRings.Component />
              <farEdges.Component />
            </>
          )}
          {!isFar && nodes.some(({ type }) => catalogue.get(type ?? '')?.loop === 'begin') && (
            <OptionalPart name="The frames of loops">
              <loopFrames.Component />
            </OptionalPart>
          )}
          {letters !== null && (
            <OptionalPart name="The results on the nodes">
              <farFaces.Component hasLetters={letters > 0} isNamed={!isLarge} />
            </OptionalPart>
          )}
        </ReactFlow>
      </DetailContext>
      <RunAnnouncer />
      {quickAddAt !== null && <quickAdd.Component request={quickAddAt} onClose={() => onQuickAdd(null)} />}
    </div>
  );
}

/** Tells assistive technology how the run that is shown goes on. */
function RunAnnouncer() {
  const { runs } = useEnvironment();
  const [message, setMessage] = useState('');
  const last = useRef('');
  useEffect(
    () =>
      runs.api.subscribe(({ view }) => {
        if (view === null) return;
        const executions = Object.values(view.nodes).map(({ execution }) => execution);
        const failed = executions.filter((execution) => nodeStatusOf(execution) === 'failed').length;
        const next = `Run ${standingOf(view.run, executions).toLowerCase()}${failed > 0 ? `, ${failed} failed` : ''}`;
        if (next === last.current) return;
        last.current = next;
        setMessage(next);
      }),
    [runs],
  );
  return (
    <div aria-live="polite" className="sr-only">
      {message}
    </div>
  );
}
