import { useCallback, useEffect, useLayoutEffect, useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { fitted, pannedBy, placeOf, zoomedAt, type Size, type Zoom } from './zoom.ts';

interface ZoomAreaProps {
  /** Of what is shown, in pixels of its own. */
  readonly size: Size;
  /** Several areas with one zoom show the same part, whatever their sizes. */
  readonly zoom: Zoom;
  readonly className?: string;
  readonly style?: React.CSSProperties;
  onZoom(zoom: Zoom): void;
  /** A finger went sideways over something that is not enlarged: 1 asks for the next one, -1 for the one before. */
  onSwipe?(direction: 1 | -1): void;
  /** Drawn in its own size; the area scales it. */
  readonly children: ReactNode;
}

/** A finger that goes so far sideways asks for the next one, in pixels. */
const swipeFrom = 60;
/** From this scale on pixels are shown as squares. */
const pixelsFrom = 2;
/** One step of the wheel changes the zoom as on the canvas. */
const wheelFactor = 0.002;

/** Shows something in the room there is, to be enlarged up to its pixels: wheel, two fingers, double click; dragging moves it. */
export function ZoomArea({ size, zoom, className = '', style, onZoom, onSwipe, children }: ZoomAreaProps) {
  const area = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = area.current!;
    const measure = () => setRoom({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const place = placeOf(size, room, zoom);
  const now = useRef({ size, room, zoom, onZoom });
  useLayoutEffect(() => {
    now.current = { size, room, zoom, onZoom };
  });

  const zoomTo = useCallback((factor: number, at: { x: number; y: number }) => {
    const { size: natural, room: within, zoom: before, onZoom: tell } = now.current;
    tell(zoomedAt(natural, within, before, factor, at));
  }, []);
  useEffect(() => {
    const element = area.current!;
    // The page itself must not be enlarged: React listens too passively for that.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const speed = event.ctrlKey ? 5 : 1;
      zoomTo(now.current.zoom.factor * 2 ** (-event.deltaY * wheelFactor * speed), pointIn(element, event));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [zoomTo]);

  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const wasSwiped = useRef(0);
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, pointIn(event.currentTarget, event));
    wasSwiped.current = 0;
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const before = pointers.current.get(event.pointerId);
    if (before === undefined) return;
    const point = pointIn(event.currentTarget, event);
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, point);
    if (other !== undefined) {
      const far = (from: { x: number; y: number }) => Math.hypot(from.x - other.x, from.y - other.y);
      const middle = { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 };
      zoomTo((zoom.factor * far(point)) / Math.max(1, far(before)), middle);
      return;
    }
    if (zoom.factor > 1) onZoom(pannedBy(size, room, zoom, { x: point.x - before.x, y: point.y - before.y }));
    else if (event.pointerType === 'touch') wasSwiped.current += point.x - before.x;
  };
  const onPointerEnd = (event: PointerEvent<HTMLDivElement>) => {
    if (!pointers.current.delete(event.pointerId)) return;
    if (Math.abs(wasSwiped.current) > swipeFrom) onSwipe?.(wasSwiped.current < 0 ? 1 : -1);
    wasSwiped.current = 0;
  };

  return (
    <div
      ref={area}
      className={`zoom-area ${className}`}
      style={style}
      data-zoomed={zoom.factor > 1 || undefined}
      data-pixels={place.scale >= pixelsFrom || undefined}
      data-scale={place.scale.toFixed(3)}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerEnd}
      onPointerCancel={onPointerEnd}
      onDoubleClick={(event) => {
        // To its pixels and back.
        if (zoom.factor > 1) onZoom(fitted);
        else zoomTo(place.factorOfPixels, pointIn(event.currentTarget, event));
      }}
    >
      <div
        style={{
          width: size.width,
          height: size.height,
          transform: `translate(${place.left}px, ${place.top}px) scale(${place.scale})`,
        }}
      >
        {children}
      </div>
    </div>
  );
}

function pointIn(element: Element, event: { clientX: number; clientY: number }): { x: number; y: number } {
  const { left, top } = element.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}
