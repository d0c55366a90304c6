import { useRef, useState } from 'react';
import { Dialog } from './Dialog.tsx';
import { Field, NumberInput } from './Field.tsx';
import { countOf } from './format.ts';
import { ListRows, type ListRowsHandle } from './ListRows.tsx';
import { useIsPhone } from './use-media.ts';

/** Of the dialog, and what of it and of the window is not the rows'. In pixels. */
const width = 1_040;
const besideRows = 42;
const besideDialog = 24;
/** Fewer are found by looking. */
const jumpFrom = 50;

/** Every element of a list, by number; any of many is a number away. */
export function ListDialog({ items, title, onClose }: { items: readonly unknown[]; title: string; onClose(): void }) {
  const isPhone = useIsPhone();
  const rows = useRef<ListRowsHandle>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [number, setNumber] = useState<number | undefined>(undefined);
  return (
    <Dialog
      open
      title={title}
      description={countOf(items.length, 'element')}
      width={width}
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
                    if (next !== undefined) rows.current?.show(next - 1);
                  }}
                  onWords={setWrong}
                />
              )}
            </Field>
          </div>
        )
      }
    >
      <ListRows
        items={items}
        title={title}
        width={Math.min(width, window.innerWidth - besideDialog) - besideRows}
        isPhone={isPhone}
        ref={rows}
      />
    </Dialog>
  );
}
