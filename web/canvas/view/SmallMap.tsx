import { Panel, useReactFlow, useStoreApi, type XYPosition } from '@xyflow/react';
import { useLayoutEffect, useMemo, useRef, type PointerEvent, type WheelEvent } from 'react';
import { createPortal } from 'react-dom';
import { absolutePosition, indexNodes, sizeOf, type CanvasNode } from '../../graph/canvas-graph.ts';
import { useMotion } from './use-motion.ts';

/** What it takes of the corner of the canvas where it lies over that, its distance from the edges included, in pixels of the screen. */
const corner = { width: 165, height: 117 };
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
 * where it stands beside the canvas; null puts it over the canvas's corner, as long as no node is there. While all of the
 * graph is in view there is no need of it.
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
    const place = map.current!.parentElement!;
    place.hidden = false;
    const shape = { width: place.clientWidth, height: place.clientHeight };
    const show = () => {
      const { transform, width, height } = store.getState();
      const view = viewOf(transform, width, height);
      const frame = frameAround(union(drawn.bounds, view), shape);
      map.current!.setAttribute('viewBox', `${frame.x} ${frame.y} ${frame.width} ${frame.height}`);
      shade.current!.setAttribute('d', rectangle(frame) + rectangle(view));
      const isNeedless = drawn.bounds !== null && holds(view, drawn.bounds);
      const covered = cornerOf(view, transform[2]);
      const isInTheWay = home === null && drawn.boxes.some((box) => touches(box, covered));
      place.hidden = isNeedless || isInTheWay;
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

interface Drawn {
  readonly bounds: Box | null;
  /** Of everything but groups, which lie behind other nodes. */
  readonly boxes: readonly Box[];
  readonly groups: string;
  readonly notes: string;
  readonly nodes: string;
}

function drawNodes(nodes: readonly CanvasNode[]): Drawn {
  const byId = indexNodes(nodes);
  const boxes: Box[] = [];
  const drawn = { groups: [] as string[], notes: [] as string[], nodes: [] as string[] };
  let bounds: Box | null = null;
  for (const node of nodes) {
    const box = { ...absolutePosition(node, byId), ...sizeOf(node) };
    bounds = union(bounds, box);
    if (node.type !== 'group') boxes.push(box);
    (node.type === 'group' ? drawn.groups : node.type === 'note' ? drawn.notes : drawn.nodes).push(rectangle(box));
  }
  return { bounds, boxes, groups: drawn.groups.join(''), notes: drawn.notes.join(''), nodes: drawn.nodes.join('') };
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

/** What the map covers of the graph where it lies over the canvas. */
function cornerOf(view: Box, zoom: number): Box {
  const [width, height] = [corner.width / zoom, corner.height / zoom];
  return { x: view.x + view.width - width, y: view.y + view.height - height, width, height };
}

function touches(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
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
function frameAround(box: Box, shape: { readonly width: number; readonly height: number }): Box {
  const scale = Math.max(box.width / shape.width, box.height / shape.height, 1) * (1 + margin);
  const [width, height] = [shape.width * scale, shape.height * scale];
  return { x: box.x - (width - box.width) / 2, y: box.y - (height - box.height) / 2, width, height };
}

function rectangle({ x, y, width, height }: Box): string {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}
