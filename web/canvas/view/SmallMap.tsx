import { Panel, useReactFlow, useStoreApi, type XYPosition } from '@xyflow/react';
import { useLayoutEffect, useMemo, useRef, type PointerEvent, type WheelEvent } from 'react';
import { createPortal } from 'react-dom';
import { absolutePosition, indexNodes, sizeOf, type CanvasNode } from '../../graph/canvas-graph.ts';
import { useMotion } from './use-motion.ts';

/** Small enough to leave the graph alone. */
const size = { width: 148, height: 100 };
/** Room around everything, as a share of it. */
const margin = 0.06;
/** A step of the wheel changes the zoom as on the canvas itself. */
const wheelFactor = 0.002;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The whole graph in small and where the view lies in it; dragging there moves
 * the view, the wheel zooms. A step of the view changes two attributes and
 * nothing else: with hundreds of nodes everything more would be felt. `home` is
 * where it stands beside the canvas; null puts it over the canvas's corner, as long as there is something out of view.
 */
export function SmallMap({ home }: { home: HTMLElement | null }) {
  // What is dragged is shown where it is dropped.
  const { settled: nodes } = useMotion();
  const drawn = useMemo(() => drawNodes(nodes), [nodes]);
  const map = useRef<SVGSVGElement>(null);
  const shade = useRef<SVGPathElement>(null);
  const store = useStoreApi();
  const flow = useReactFlow();

  useLayoutEffect(() => {
    const show = () => {
      const { transform, width, height } = store.getState();
      const view = viewOf(transform, width, height);
      const frame = frameAround(union(drawn.bounds, view));
      map.current!.setAttribute('viewBox', `${frame.x} ${frame.y} ${frame.width} ${frame.height}`);
      shade.current!.setAttribute('d', rectangle(frame) + rectangle(view));
      // Where all of the graph is in view a map of it shows nothing, and would lie over the last node.
      const isNeedless = home === null && drawn.bounds !== null && holds(view, drawn.bounds);
      map.current!.parentElement!.style.visibility = isNeedless ? 'hidden' : 'visible';
    };
    show();
    return store.subscribe(show);
  }, [store, drawn, home]);

  const pointAt = (event: { clientX: number; clientY: number }): XYPosition => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.current!.getScreenCTM()!.inverse());
    return { x, y };
  };
  const grabbed = useRef<XYPosition | null>(null);
  const onPointerDown = (event: PointerEvent<SVGSVGElement>) => {
    const { transform, width, height } = store.getState();
    const view = viewOf(transform, width, height);
    const middle = { x: view.x + view.width / 2, y: view.y + view.height / 2 };
    const at = pointAt(event);
    // A click beside the view brings it there; inside, it is taken where it was grabbed.
    const isInside = Math.abs(at.x - middle.x) * 2 < view.width && Math.abs(at.y - middle.y) * 2 < view.height;
    grabbed.current = isInside ? { x: at.x - middle.x, y: at.y - middle.y } : { x: 0, y: 0 };
    event.currentTarget.setPointerCapture(event.pointerId);
    moveTo(event);
  };
  const moveTo = (event: PointerEvent<SVGSVGElement>) => {
    if (grabbed.current === null) return;
    const at = pointAt(event);
    const center = { x: at.x - grabbed.current.x, y: at.y - grabbed.current.y };
    void flow.setCenter(center.x, center.y, { zoom: flow.getZoom() });
  };
  const onWheel = (event: WheelEvent) => {
    const { transform, width, height } = store.getState();
    const view = viewOf(transform, width, height);
    const zoom = transform[2] * 2 ** (-event.deltaY * wheelFactor);
    void flow.setCenter(view.x + view.width / 2, view.y + view.height / 2, { zoom });
  };
  const drawing = (
    <svg
      ref={map}
      {...size}
      role="img"
      aria-label="Minimap of the workflow"
      onPointerDown={onPointerDown}
      onPointerMove={moveTo}
      onPointerUp={() => (grabbed.current = null)}
      onPointerCancel={() => (grabbed.current = null)}
      onWheel={onWheel}
    >
      <path d={drawn.groups} className="small-map-group" />
      <path d={drawn.notes} className="small-map-note" />
      <path d={drawn.nodes} className="small-map-node" />
      <path ref={shade} fillRule="evenodd" className="small-map-shade" />
    </svg>
  );
  return home === null ? (
    <Panel position="bottom-right" className="small-map">
      {drawing}
    </Panel>
  ) : (
    createPortal(<div className="small-map">{drawing}</div>, home)
  );
}

function drawNodes(nodes: readonly CanvasNode[]): { bounds: Box | null; groups: string; notes: string; nodes: string } {
  const byId = indexNodes(nodes);
  const drawn = { groups: [] as string[], notes: [] as string[], nodes: [] as string[] };
  let bounds: Box | null = null;
  for (const node of nodes) {
    const box = { ...absolutePosition(node, byId), ...sizeOf(node) };
    bounds = union(bounds, box);
    (node.type === 'group' ? drawn.groups : node.type === 'note' ? drawn.notes : drawn.nodes).push(rectangle(box));
  }
  return { bounds, groups: drawn.groups.join(''), notes: drawn.notes.join(''), nodes: drawn.nodes.join('') };
}

function viewOf([x, y, zoom]: readonly [number, number, number], width: number, height: number): Box {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

function union(first: Box | null, { x, y, width, height }: Box): Box {
  if (first === null) return { x, y, width, height };
  const [left, top] = [Math.min(first.x, x), Math.min(first.y, y)];
  return {
    x: left,
    y: top,
    width: Math.max(first.x + first.width, x + width) - left,
    height: Math.max(first.y + first.height, y + height) - top,
  };
}

/** Whether all of the inner box is in the outer one. */
function holds(outer: Box, inner: Box): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  );
}

/** A box of the shape of the map around another one. */
function frameAround(box: Box): Box {
  const scale = Math.max(box.width / size.width, box.height / size.height, 1) * (1 + margin);
  const [width, height] = [size.width * scale, size.height * scale];
  return { x: box.x - (width - box.width) / 2, y: box.y - (height - box.height) / 2, width, height };
}

function rectangle({ x, y, width, height }: Box): string {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}
