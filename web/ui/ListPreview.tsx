import { Expand } from 'lucide-react';
import { useEffect, useState } from 'react';
import { thumbnailUrl } from '../../core/api/assets.ts';
import { fileTypeOf } from '../../core/data-types/files.ts';
import { rowOf, traitsOf } from '../../core/data-types/table.ts';
import { addressOf } from './app-address.ts';
import { IconButton } from './Button.tsx';
import { cn } from './cn.ts';
import { factsOf } from './facts.ts';
import { countOf } from './format.ts';
import { lazyPart } from './lazy-part.ts';
import { isMedia } from './value-parts.ts';
import { withoutChoosing } from './without-choosing.ts';

const listDialog = lazyPart(() => import('./ListDialog.tsx'), 'ListDialog');

/** As many as the room of a result holds: two rows of small pictures, or lines. */
const pictures = 8;
const lines = 5;

/** A strip of the first elements of a list, how many there are, and a way to all of them. */
export function ListPreview({ items, title }: { items: readonly unknown[]; title: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const type = typeOf(items);
  const isOfPictures = type !== null && traitsOf(type).hasPreview;
  const shown = items.slice(0, isOfPictures ? pictures : lines);
  const missing = items.filter((item) => item === null).length;
  // Whoever sees how a list begins will look at all of it: nothing is left to be fetched then.
  useEffect(() => listDialog.fetchEarly(), []);
  return (
    <div className="result-box flex flex-col gap-1 overflow-hidden rounded-md bg-field p-1.5">
      <div className="flex h-5 shrink-0 items-center gap-1 text-2xs text-muted">
        <span className="min-w-0 flex-1 truncate">
          {type === null
            ? countOf(items.length, 'element')
            : countOf(items.length, rowOf(type).noun, rowOf(type).plural)}
          {missing > 0 && `, ${missing} missing`}
        </span>
        <IconButton
          label={`Open ${title}`}
          size="sm"
          className="nodrag"
          {...listDialog.whenNear}
          onClick={withoutChoosing(() => setIsOpen(true))}
        >
          <Expand size={12} />
        </IconButton>
      </div>
      <ol
        aria-label={title}
        className={cn(
          'min-h-0 flex-1 overflow-hidden',
          isOfPictures ? 'grid grid-cols-4 content-start gap-1' : 'flex flex-col gap-0.5',
        )}
      >
        {shown.map((item, index) => (
          <Element key={index} item={item} name={`${title} ${index + 1}`} />
        ))}
      </ol>
      {isOpen && <listDialog.Component items={items} title={title} onClose={() => setIsOpen(false)} />}
    </div>
  );
}

function typeOf(items: readonly unknown[]) {
  const first = items.find((item) => item !== null);
  const type = isMedia(first) ? fileTypeOf(first.mimeType) : null;
  return type !== null && items.every((item) => item === null || (isMedia(item) && fileTypeOf(item.mimeType) === type))
    ? type
    : null;
}

function Element({ item, name }: { item: unknown; name: string }) {
  if (isMedia(item)) {
    const hasPicture = traitsOf(fileTypeOf(item.mimeType)!).hasPreview;
    return hasPicture ? (
      <li className="aspect-square min-w-0 overflow-hidden rounded">
        <img
          src={addressOf(thumbnailUrl(item.assetId, 320))}
          alt={name}
          loading="lazy"
          draggable={false}
          className="fade-in size-full object-cover"
        />
      </li>
    ) : (
      <li className="h-5 shrink-0 truncate rounded bg-surface px-1.5 text-2xs leading-5">{factsOf(item)}</li>
    );
  }
  return (
    <li
      className={cn(
        'h-5 shrink-0 truncate rounded bg-surface px-1.5 text-2xs leading-5',
        item === null && 'text-faint',
      )}
    >
      {item === null ? 'Missing: it failed' : String(item)}
    </li>
  );
}
