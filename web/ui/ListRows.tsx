import { memo, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type Ref } from 'react';
import { cn } from './cn.ts';
import { linesOf } from './text-lines.ts';
import { isMedia } from './value-parts.ts';
import { PartPreview } from './ValuePreview.tsx';
import { topsOf, windowOf } from './window-of.ts';

/** Of the rows of a list that is open. */
export interface ListRowsHandle {
  /** Scrolls to an element, from 0. */
  show(index: number): void;
}

interface ListRowsProps {
  readonly items: readonly unknown[];
  readonly title: string;
  /** How wide they are likely to be, in pixels: drawn so before they are measured. */
  readonly width: number;
  readonly isPhone: boolean;
  readonly ref: Ref<ListRowsHandle>;
}

const columns = { wide: 4, phone: 2 };
/** Of files; the gap is part of it. In pixels. */
const fileRow = 128;
/** Of texts: a line, what stands around all lines with the gap, and what is not theirs in the width. In pixels. */
const lineHeight = 16;
const aroundLines = 20;
const besideLines = 104;
/** What is longer scrolls in its row. */
const mostLines = 6;
/** Of the height of the window. */
const share = 0.68;

/** The elements of a list by number, files in a grid, texts each as high as it needs. What is out of sight is not drawn. */
export function ListRows({ items, title, width, isPhone, ref }: ListRowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState(() => ({ scrollTop: 0, height: window.innerHeight * share, width }));
  const areFiles = useMemo(() => items.some(isMedia), [items]);
  const perRow = areFiles ? (isPhone ? columns.phone : columns.wide) : 1;
  const rows = Math.ceil(items.length / perRow);
  const tops = useMemo(() => {
    const room = { width: view.width - besideLines, most: mostLines };
    return topsOf(rows, (row) => (areFiles ? fileRow : linesOf(wordsOf(items[row]), room) * lineHeight + aroundLines));
  }, [items, areFiles, rows, view.width]);
  useImperativeHandle(ref, () => ({
    show: (index) => {
      box.current!.scrollTop = tops[Math.floor(index / perRow)]!;
    },
  }));
  useLayoutEffect(() => {
    const element = box.current!;
    const look = () => {
      const { scrollTop, clientHeight: height, clientWidth } = element;
      setView((before) =>
        before.scrollTop === scrollTop && before.height === height && before.width === clientWidth
          ? before
          : { scrollTop, height, width: clientWidth },
      );
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  const { first, end } = windowOf(view, tops);
  const from = first * perRow;
  return (
    <div
      ref={box}
      role="region"
      aria-label={`Elements of ${title}`}
      tabIndex={0}
      style={{ height: `min(${share * 100}vh, ${tops[rows]}px)` }}
      className="overflow-y-auto"
    >
      <ol
        aria-label={`All of ${title}`}
        className="grid gap-x-2"
        style={{
          gridTemplateColumns: `repeat(${perRow}, minmax(0, 1fr))`,
          paddingTop: tops[first],
          paddingBottom: tops[rows]! - tops[end]!,
        }}
      >
        {items.slice(from, end * perRow).map((item, index) => {
          const row = Math.floor((from + index) / perRow);
          return (
            <Element
              key={from + index}
              item={item}
              title={title}
              number={from + index + 1}
              count={items.length}
              height={tops[row + 1]! - tops[row]!}
              isFile={areFiles}
            />
          );
        })}
      </ol>
    </div>
  );
}

interface ElementProps {
  readonly item: unknown;
  readonly title: string;
  /** From 1. */
  readonly number: number;
  readonly count: number;
  /** In pixels. */
  readonly height: number;
  readonly isFile: boolean;
}

const Element = memo(function Element({ item, title, number, count, height, isFile }: ElementProps) {
  return (
    <li
      aria-setsize={count}
      aria-posinset={number}
      style={{ height }}
      className={cn('min-w-0 overflow-hidden pb-2', !isFile && 'flex gap-2')}
    >
      <span className={cn('text-2xs text-faint', !isFile && 'w-12 shrink-0 py-1.75 text-right tabular-nums')}>
        {number}
      </span>
      <div className="min-w-0 flex-1">
        {item === null ? (
          <p className="rounded-md border border-dashed border-line px-2 py-1 text-xs text-faint">Missing: it failed</p>
        ) : (
          <PartPreview value={item} title={`${title} ${number}`} size="small" />
        )}
      </div>
    </li>
  );
});

/** As it is drawn. */
function wordsOf(item: unknown): string {
  return typeof item === 'string' ? item : JSON.stringify(item);
}
