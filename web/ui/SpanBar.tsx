import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { formatClock } from './format.ts';
import { withEnd, type SpanEnd, type TimeSpan } from './time-span.ts';

interface SpanBarProps {
  span: TimeSpan;
  lengthS: number;
  isReadOnly: boolean;
  onChange(span: TimeSpan, end: SpanEnd): void;
  /** What the part is cut from: pictures, a waveform. */
  children: ReactNode;
}

const ends: readonly { end: SpanEnd; label: string }[] = [
  { end: 'from', label: 'Start of the part' },
  { end: 'to', label: 'End of the part' },
];

/** The two ends of a part, dragged over what it is cut from, or moved by arrow keys: 0.1 s, with Shift 1 s, with Alt 0.01 s. */
export function SpanBar({ span, lengthS, isReadOnly, onChange, children }: SpanBarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const set = (end: SpanEnd, seconds: number) => onChange(withEnd(span, end, seconds, lengthS), end);
  const drag = (end: SpanEnd) => (event: PointerEvent<HTMLElement>) => {
    const area = bar.current?.getBoundingClientRect();
    if (area === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    set(end, ((event.clientX - area.x) / area.width) * lengthS);
  };
  const onKeyDown = (end: SpanEnd) => (event: KeyboardEvent) => {
    const step = event.shiftKey ? 1 : event.altKey ? 0.01 : 0.1;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: span[end] - step,
      ArrowDown: span[end] - step,
      ArrowRight: span[end] + step,
      ArrowUp: span[end] + step,
      Home: 0,
      End: lengthS,
    };
    const seconds = moves[event.key];
    if (seconds === undefined || isReadOnly) return;
    event.preventDefault();
    event.stopPropagation();
    set(end, seconds);
  };
  const share = (seconds: number) => `${(100 * seconds) / lengthS}%`;
  return (
    <div className="flex flex-col gap-1">
      <div ref={bar} className="nodrag relative h-16 touch-none overflow-hidden rounded-md bg-field select-none">
        {children}
        <div className="absolute inset-y-0 left-0 bg-[var(--overlay)]" style={{ width: share(span.from) }} />
        <div className="absolute inset-y-0 right-0 bg-[var(--overlay)]" style={{ width: share(lengthS - span.to) }} />
        {ends.map(({ end, label }) => (
          <div
            key={end}
            role="slider"
            tabIndex={isReadOnly ? -1 : 0}
            aria-label={label}
            aria-disabled={isReadOnly}
            aria-valuemin={0}
            aria-valuemax={lengthS}
            aria-valuenow={span[end]}
            aria-valuetext={`${span[end].toFixed(2)} s`}
            onKeyDown={onKeyDown(end)}
            onPointerDown={(event) => {
              if (isReadOnly || event.button !== 0) return;
              event.stopPropagation();
              event.currentTarget.setPointerCapture(event.pointerId);
            }}
            onPointerMove={drag(end)}
            style={{ left: share(span[end]) }}
            className={`absolute inset-y-0 w-2.5 cursor-ew-resize border-accent ${end === 'from' ? 'border-l-3' : '-translate-x-full border-r-3'}`}
          />
        ))}
      </div>
      <p className="flex justify-between text-2xs text-muted tabular-nums">
        <span>
          {formatClock(span.from)} – {formatClock(span.to)}
        </span>
        <span>{(span.to - span.from).toFixed(2)} s</span>
      </p>
    </div>
  );
}
