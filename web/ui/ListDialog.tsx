import { useLayoutEffect, useState } from 'react';
import { Dialog } from './Dialog.tsx';
import { Field, NumberInput } from './Field.tsx';
import { countOf } from './format.ts';
import { useIsPhone } from './use-media.ts';
import { isMedia } from './value-parts.ts';
import { PartPreview } from './ValuePreview.tsx';
import { windowOf } from './window-of.ts';

/** Rows are of one height, so that ten thousand elements need no more than what is seen of them; the gap is part of it. */
const rowHeight = 128;
const columns = { wide: 4, phone: 2 };
/** Fewer are found by looking. */
const jumpFrom = 50;

/** Every element of a list, by number; files in a grid. What is out of sight is not drawn. */
export function ListDialog({ items, title, onClose }: { items: readonly unknown[]; title: string; onClose(): void }) {
  const isPhone = useIsPhone();
  const areFiles = items.some(isMedia);
  const perRow = areFiles ? (isPhone ? columns.phone : columns.wide) : 1;
  // It is there a little later than the dialog.
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [view, setView] = useState({ scrollTop: 0, height: 0 });
  const [wrong, setWrong] = useState<string | null>(null);
  const [number, setNumber] = useState<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (box === null) return;
    const look = () => setView({ scrollTop: box.scrollTop, height: box.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', look);
    };
  }, [box]);
  const rows = Math.ceil(items.length / perRow);
  const { first, end } = windowOf(view, { rowHeight, count: rows });
  const from = first * perRow;
  return (
    <Dialog
      open
      title={title}
      description={countOf(items.length, 'element')}
      width={1_040}
      onClose={onClose}
      footer={
        items.length < jumpFrom ? undefined : (
          <div className="w-40">
            <Field label="Go to number" error={wrong ?? undefined}>
              {({ id, describedBy, isInvalid }) => (
                <NumberInput
                  id={id}
                  aria-describedby={describedBy}
                  aria-invalid={isInvalid}
                  value={number}
                  rules={{ min: 1, max: items.length, isInteger: true }}
                  onChange={(next) => {
                    setNumber(next);
                    if (next !== undefined) box!.scrollTop = Math.floor((next - 1) / perRow) * rowHeight;
                  }}
                  onWords={setWrong}
                />
              )}
            </Field>
          </div>
        )
      }
    >
      <div
        ref={setBox}
        role="region"
        aria-label={`Elements of ${title}`}
        tabIndex={0}
        style={{ height: `min(68vh, ${rows * rowHeight}px)` }}
        className="overflow-y-auto"
      >
        <ol
          aria-label={`All of ${title}`}
          className="grid gap-x-2"
          style={{
            gridTemplateColumns: `repeat(${perRow}, minmax(0, 1fr))`,
            gridAutoRows: rowHeight,
            paddingTop: first * rowHeight,
            paddingBottom: (rows - end) * rowHeight,
          }}
        >
          {items.slice(from, end * perRow).map((item, index) => (
            <li
              key={from + index}
              aria-setsize={items.length}
              aria-posinset={from + index + 1}
              className="min-w-0 overflow-hidden pb-2"
            >
              <span className="text-2xs text-faint">{from + index + 1}</span>
              {item === null ? (
                <p className="rounded-md border border-dashed border-line p-2 text-xs text-faint">Missing: it failed</p>
              ) : (
                <PartPreview value={item} title={`${title} ${from + index + 1}`} size="small" />
              )}
            </li>
          ))}
        </ol>
      </div>
    </Dialog>
  );
}
