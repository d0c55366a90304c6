import { useState } from 'react';
import { Button } from './Button.tsx';
import { Dialog } from './Dialog.tsx';
import { countOf } from './format.ts';
import { isMedia } from './value-parts.ts';
import { PartPreview } from './ValuePreview.tsx';

/** Elements that are drawn at once, and added with each click: files are fetched as they are drawn. */
const page = 60;

/** Every element of a list, by number; files in a grid. */
export function ListDialog({ items, title, onClose }: { items: readonly unknown[]; title: string; onClose(): void }) {
  const [shown, setShown] = useState(page);
  return (
    <Dialog
      open
      title={title}
      description={countOf(items.length, 'element')}
      width={1_040}
      onClose={onClose}
      footer={
        shown < items.length ? (
          <Button onClick={() => setShown(shown + page)}>Show {Math.min(page, items.length - shown)} more</Button>
        ) : undefined
      }
    >
      <ol
        aria-label={`All of ${title}`}
        className="grid max-h-[68vh] grid-cols-2 gap-2 overflow-y-auto md:grid-cols-4"
        tabIndex={0}
      >
        {items.slice(0, shown).map((item, index) => (
          <li key={index} className={isMedia(item) ? 'min-w-0' : 'col-span-full min-w-0'}>
            <span className="text-2xs text-faint">{index + 1}</span>
            {item === null ? (
              <p className="rounded-md border border-dashed border-line p-2 text-xs text-faint">Missing: it failed</p>
            ) : (
              <PartPreview value={item} title={`${title} ${index + 1}`} size="small" />
            )}
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
