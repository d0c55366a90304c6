import {
  ConnectionMode,
  Controls,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  useStore as useFlowStore,
  type Connection,
  type FinalConnectionState,
  type NodeChange,
  type NodeTypes,
} from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState, type DragEvent, type MouseEvent } from 'react';
import type { CanvasNode } from '../graph/canvas-graph.ts';
import { connectionProblem } from '../graph/connection-rules.ts';
import { handleType } from '../graph/catalogue.ts';
import { nodeStatusOf } from '../live/node-status.ts';
import { cn } from '../ui/cn.ts';
import { useTheme } from '../ui/theme.ts';
import { useEnvironment, useWorkflow } from './environment.ts';
import { draggedTypeKey } from '../palette/Palette.tsx';
import { GroupNode } from './GroupNode.tsx';
import { NodeCard } from './NodeCard.tsx';
import { NoteNode } from './NoteNode.tsx';
import { QuickAdd, type QuickAddRequest } from './QuickAdd.tsx';
import { SmallMap } from './SmallMap.tsx';
import { TypedEdge } from './TypedEdge.tsx';
import { CanvasDots } from './CanvasDots.tsx';
import { addFiles } from './add-files.ts';
import { FarContext, farZoom, largeGraph } from './far.ts';
import { FarEdges } from './FarEdges.tsx';
import { fitOptions } from './fit.ts';

const edgeTypes = { default: TypedEdge };
const annotationNodes = { note: NoteNode, group: GroupNode };
/** The grid of the design: positions snap to 16 px. */
const snapGrid: [number, number] = [16, 16];
/** Pictures of one moment are fitted together. */
const refitMs = 90;
const noEdges: never[] = [];

interface CanvasProps {
  isSnapping: boolean;
  /** Default true; never on a phone. */
  hasMiniMap?: boolean;
  isPhone: boolean;
  quickAddAt: QuickAddRequest | null;
  onQuickAdd(request: QuickAddRequest | null): void;
  onContextMenu(at: { x: number; y: number }): void;
}

/** The graph itself: nodes, edges and everything the pointer does with them. */
export function Canvas({ isSnapping, hasMiniMap = true, isPhone, quickAddAt, onQuickAdd, onContextMenu }: CanvasProps) {
  const { store, catalogue, notify, isReadOnly, uploads } = useEnvironment();
  const nodes = useWorkflow((state) => state.nodes);
  const edges = useWorkflow((state) => state.edges);
  const { onNodesChange, onEdgesChange, onConnect, addNode, selectNodes, joinFrames } = store.getState();
  const flow = useReactFlow<CanvasNode>();
  const theme = useTheme();
  const isLarge = nodes.length > largeGraph;
  // Before the graph has been fitted into the view nobody has seen it: it is measured as it looks from far.
  const isFar = useFlowStore(
    ({ transform: [x, y, zoom] }) => isLarge && (zoom < farZoom || (x === 0 && y === 0 && zoom === 1)),
  );
  const isSettling = useRef(true);
  const refitTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(refitTimer.current), []);
  /** Results make nodes taller: until the user takes hold of it, a canvas keeps showing everything. */
  const onMeasured = (changes: NodeChange<CanvasNode>[]) => {
    onNodesChange(changes);
    // A large graph is looked at piece by piece: nothing moves there by itself.
    if (isLarge || !startsFilled || !isSettling.current || changes.every(({ type }) => type !== 'dimensions')) return;
    clearTimeout(refitTimer.current);
    refitTimer.current = setTimeout(() => {
      if (isSettling.current) void flow.fitView({ ...fitOptions, duration: 250 });
    }, refitMs);
  };
  const [startsFilled] = useState(() => store.getState().nodes.length > 0);
  const [isMoving, setIsMoving] = useState(false);
  const [isDropTarget, setIsDropTarget] = useState(false);

  const nodeTypes = useMemo<NodeTypes>(
    () => ({
      ...Object.fromEntries([...catalogue.keys()].map((type) => [type, NodeCard])),
      ...annotationNodes,
      default: NodeCard,
    }),
    [catalogue],
  );

  const isValidConnection = useCallback(
    (connection: { source: string; target: string; sourceHandle?: string | null; targetHandle?: string | null }) =>
      connectionProblem(store.getState(), catalogue, {
        ...connection,
        sourceHandle: connection.sourceHandle ?? null,
        targetHandle: connection.targetHandle ?? null,
      }) === null,
    [store, catalogue],
  );

  /** A wrong end says why; an end in empty space offers the node types that fit. */
  const onConnectEnd = useCallback(
    (event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState) => {
      if (state.isValid === true || state.fromHandle === null || state.fromNode === null) return;
      const from = state.fromHandle;
      if (state.toHandle !== null && state.toNode !== null) {
        const isForward = from.type === 'source';
        const ends: Connection = {
          source: isForward ? from.nodeId : state.toHandle.nodeId,
          sourceHandle: (isForward ? from.id : state.toHandle.id) ?? null,
          target: isForward ? state.toHandle.nodeId : from.nodeId,
          targetHandle: (isForward ? state.toHandle.id : from.id) ?? null,
        };
        const problem =
          state.toHandle.type === from.type
            ? 'A connection goes from an output to an input.'
            : connectionProblem(store.getState(), catalogue, ends);
        if (problem !== null) notify({ title: 'Not connected', description: problem, kind: 'error' });
        return;
      }
      const dataType = handleType(
        catalogue,
        state.fromNode.type,
        from.type === 'source' ? 'outputs' : 'inputs',
        from.id,
      );
      const point = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (dataType === null || point === undefined) return;
      onQuickAdd({
        screen: { x: point.clientX, y: point.clientY },
        from: { nodeId: from.nodeId, handleId: from.id ?? '', side: from.type, dataType },
      });
    },
    [store, catalogue, notify, onQuickAdd],
  );

  const onDrop = (event: DragEvent) => {
    setIsDropTarget(false);
    isSettling.current = false;
    if (isReadOnly) return;
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const type = event.dataTransfer.getData(draggedTypeKey);
    if (type !== '') {
      event.preventDefault();
      addNode(type, { x: at.x - 132, y: at.y - 20 });
    } else if (event.dataTransfer.files.length > 0) {
      event.preventDefault();
      addFiles({ store, catalogue, uploads, notify }, [...event.dataTransfer.files], at);
    }
  };

  const onDoubleClick = (event: MouseEvent) => {
    const isPane = event.target instanceof Element && event.target.classList.contains('react-flow__pane');
    if (isPane && !isReadOnly) onQuickAdd({ screen: { x: event.clientX, y: event.clientY }, from: null });
  };

  return (
    <div
      className={`relative h-full ${isDropTarget ? 'outline-2 -outline-offset-4 outline-accent-text outline-dashed' : ''}`}
      onDoubleClick={onDoubleClick}
      onKeyDownCapture={() => (isSettling.current = false)}
      onPointerDownCapture={() => (isSettling.current = false)}
      onWheelCapture={() => (isSettling.current = false)}
      onDragOver={(event) => {
        if (isReadOnly) return;
        event.preventDefault();
        setIsDropTarget(event.dataTransfer.types.includes('Files'));
      }}
      onDragLeave={() => setIsDropTarget(false)}
      onDrop={onDrop}
    >
      <FarContext value={isFar}>
        <ReactFlow<CanvasNode>
          className={cn(isFar && 'canvas-far', isMoving && 'canvas-moving')}
          nodes={nodes}
          edges={isFar ? noEdges : edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={onMeasured}
          onEdgesChange={onEdgesChange}
          onConnect={onConnect}
          onMoveStart={() => setIsMoving(isLarge)}
          onMoveEnd={() => setIsMoving(false)}
          onConnectEnd={onConnectEnd}
          onNodeDragStop={(_, __, moved) => joinFrames(moved.map(({ id }) => id))}
          onSelectionDragStop={(_, moved) => joinFrames(moved.map(({ id }) => id))}
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
          multiSelectionKeyCode={['Shift', 'Meta', 'Control']}
          // Removing is a command of its own, so that it is one step back.
          deleteKeyCode={null}
          zoomOnDoubleClick={false}
          minZoom={0.08}
          maxZoom={2.5}
          // On an empty canvas the fit would wait for the first node and jump to it.
          fitView={startsFilled}
          fitViewOptions={fitOptions}
          onPaneContextMenu={(event) => {
            event.preventDefault();
            onContextMenu({ x: event.clientX, y: event.clientY });
          }}
          onNodeContextMenu={(event, node) => {
            event.preventDefault();
            if (!store.getState().selectedNodes.includes(node.id)) selectNodes([node.id]);
            onContextMenu({ x: event.clientX, y: event.clientY });
          }}
          onSelectionContextMenu={(event) => {
            event.preventDefault();
            onContextMenu({ x: event.clientX, y: event.clientY });
          }}
          ariaLabelConfig={{
            'node.a11yDescription.default': 'Press Enter to select, arrow keys to move, Delete to remove.',
          }}
        >
          <CanvasDots />
          <Controls showInteractive={false} fitViewOptions={fitOptions} position="bottom-left" />
          {!isPhone && hasMiniMap && <SmallMap />}
          {isFar && <FarEdges />}
        </ReactFlow>
      </FarContext>
      <RunAnnouncer />
      <QuickAdd request={quickAddAt} onClose={() => onQuickAdd(null)} />
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
        const failed = Object.values(view.nodes).filter(({ execution }) => nodeStatusOf(execution) === 'failed').length;
        const next = `Run ${view.run.status.toLowerCase()}${failed > 0 ? `, ${failed} failed` : ''}`;
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
