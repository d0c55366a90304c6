import { Expand, FileQuestion } from 'lucide-react';
import { useMemo, useState } from 'react';
import { fileTypeOf } from '../../core/data-types/files.ts';
import { isStoredList, type AssetReference } from '../../core/node-type/values.ts';
import { Button, IconButton } from './Button.tsx';
import { cn } from './cn.ts';
import { CopyButton } from './CopyButton.tsx';
import { factsOf } from './facts.ts';
import { lazyPart } from './lazy-part.ts';
import { evenListOf, isMedia, partsOf, type ValuePart } from './value-parts.ts';
import { viewerOf } from './viewers/viewers.tsx';
import { withoutChoosing } from './without-choosing.ts';

const textDialog = lazyPart(() => import('./TextDialog.tsx'), 'TextDialog');
const mediaDialog = lazyPart(() => import('./MediaDialog.tsx'), 'MediaDialog');

function MediaPreview({ asset, title, size }: { asset: AssetReference; title: string; size: PreviewSize }) {
  const [isOpen, setIsOpen] = useState(false);
  const [isBroken, setIsBroken] = useState(false);
  const { Value, Enlarged } = viewerOf(fileTypeOf(asset.mimeType)!);
  const isFilling = size === 'fill';
  return (
    <figure className={cn('group/media relative overflow-hidden rounded-md bg-field', isFilling && 'result-box')}>
      {isBroken ? (
        <div className="flex items-center justify-center gap-2 p-4 text-xs text-faint">
          <FileQuestion size={16} aria-hidden /> This file no longer exists
        </div>
      ) : (
        <Value asset={asset} title={title} size={size} onBroken={() => setIsBroken(true)} />
      )}
      {!isBroken && Enlarged !== null && (
        <figcaption className="on-approach pointer-events-none absolute inset-x-1 top-1 flex items-start justify-between gap-1 opacity-0 transition-opacity group-hover/media:opacity-100 group-focus-within/media:opacity-100">
          <span className="rounded bg-surface/85 px-1.5 text-2xs text-ink">{factsOf(asset)}</span>
          <IconButton
            label={`Enlarge ${title}`}
            size="sm"
            variant="secondary"
            className="nodrag pointer-events-auto"
            {...mediaDialog.whenNear}
            onClick={withoutChoosing(() => setIsOpen(true))}
          >
            <Expand size={12} />
          </IconButton>
        </figcaption>
      )}
      {isOpen && Enlarged !== null && (
        <mediaDialog.Component asset={asset} title={title} facts={factsOf(asset)} onClose={() => setIsOpen(false)}>
          <Enlarged asset={asset} title={title} />
        </mediaDialog.Component>
      )}
    </figure>
  );
}

/** `fill` takes the room that there is: a flexible box, or what is left of one. */
export type PreviewSize = 'small' | 'large' | 'fill';

/** So many parts of a value are shown at once; a click shows the others. */
const firstParts: Record<PreviewSize, number> = { large: 6, fill: 6, small: 3 };

/** One output or input value: files, texts, or whatever else as JSON; what is nested is laid open. */
export function ValuePreview({ value, title, size = 'large' }: { value: unknown; title: string; size?: PreviewSize }) {
  const list = useMemo(() => (size === 'fill' ? evenListOf(value) : null), [value, size]);
  if (isStoredList(value)) {
    return <StoredListPreview list={value} title={title} size={size} />;
  }
  return list === null ? (
    <PartsPreview value={value} title={title} size={size} />
  ) : (
    <ListPreview items={list} title={title} />
  );
}

const StoredListPreview = lazyPart(
  () => import('./StoredListPreview.tsx'),
  'StoredListPreview',
  ({ size }) => <div className={size === 'fill' ? 'result-box' : undefined} />,
).Component;
const ListPreview = lazyPart(
  () => import('./ListPreview.tsx'),
  'ListPreview',
  () => <div className="result-box" />,
).Component;

function PartsPreview({ value, title, size }: { value: unknown; title: string; size: PreviewSize }) {
  const parts = useMemo(() => partsOf(value), [value]);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? (
    <PartPreview value={only.value} title={title} size={size} />
  ) : (
    <PartList parts={parts} title={title} size={size} />
  );
}

/** One file, text or other value that lies in nothing else. */
export function PartPreview({ value, title, size }: { value: unknown; title: string; size: PreviewSize }) {
  if (isMedia(value)) return <MediaPreview asset={value} title={title} size={size} />;
  if (typeof value === 'string') return <TextPreview text={value} title={title} size={size} />;
  return <TextPreview text={JSON.stringify(value, null, 2)} title={title} size={size} isData />;
}

/** Files two in a row, everything else over the whole width; what lies deeper than in a plain list says where. */
function PartList({ parts, title, size }: { parts: readonly ValuePart[]; title: string; size: PreviewSize }) {
  const [areAllShown, setAllShown] = useState(false);
  const shown = areAllShown ? parts : parts.slice(0, firstParts[size]);
  const isNested = parts.some(({ path }) => !/^\d+$/.test(path));
  return (
    <div className={cn('flex flex-col items-start gap-1', size === 'fill' && 'result-box nowheel overflow-y-auto')}>
      <ul
        aria-label={title}
        tabIndex={areAllShown ? 0 : undefined}
        className={cn(
          'grid w-full grid-cols-2 gap-x-1 gap-y-1.5',
          areAllShown && size !== 'fill' && 'nowheel max-h-96 overflow-y-auto',
        )}
      >
        {shown.map(({ path, value }) => (
          <li key={path} className={cn('min-w-0', !isMedia(value) && 'col-span-2')}>
            {isNested && (
              <span className="block truncate text-2xs text-faint" title={path}>
                {path}
              </span>
            )}
            <PartPreview value={value} title={`${title} ${path}`} size="small" />
          </li>
        ))}
      </ul>
      {shown.length < parts.length && (
        <Button size="sm" variant="ghost" className="nodrag" onClick={() => setAllShown(true)}>
          Show all {parts.length.toLocaleString()}
        </Button>
      )}
    </div>
  );
}

/** Text with a copy button; long text scrolls, and is enlarged where room is scarce. */
export function TextPreview({
  text,
  title,
  size = 'large',
  isData = false,
}: {
  text: string;
  title: string;
  size?: PreviewSize;
  /** Its columns mean something. */
  isData?: boolean;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const isFilling = size === 'fill';
  return (
    // Room above and below stands outside of what scrolls, and that is whole lines high: no line is cut in half.
    <div className={cn('group/text relative rounded-md bg-field py-1.5', isFilling && 'result-box')}>
      <div
        tabIndex={0}
        role="region"
        aria-label={title}
        className={`nodrag nowheel fade-in cursor-text overflow-y-auto pr-8 pl-2 text-xs break-words whitespace-pre-wrap select-text ${isData ? 'font-mono' : ''} ${{ large: 'max-h-52', fill: 'h-[round(down,100%,16px)]', small: 'max-h-24' }[size]}`}
      >
        {text === '' ? <span className="text-faint">Empty text</span> : text}
      </div>
      <span className="on-approach absolute top-1 right-1 flex flex-col gap-0.5 opacity-0 group-focus-within/text:opacity-100 group-hover/text:opacity-100">
        <CopyButton text={text} label={`Copy ${title}`} />
        {isFilling && text !== '' && (
          <IconButton
            label={`Enlarge ${title}`}
            size="sm"
            className="nodrag"
            {...textDialog.whenNear}
            onClick={withoutChoosing(() => setIsOpen(true))}
          >
            <Expand size={12} />
          </IconButton>
        )}
      </span>
      {isOpen && <textDialog.Component text={text} title={title} isData={isData} onClose={() => setIsOpen(false)} />}
    </div>
  );
}
