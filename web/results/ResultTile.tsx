import { Check, Download, Play, Star } from 'lucide-react';
import { memo, type CSSProperties, type DragEvent, type MouseEvent } from 'react';
import { thumbnailUrl } from '../../core/api/assets.ts';
import { isFileType, rowOf } from '../../core/data-types/table.ts';
import type { AssetReference } from '../../core/node-type/values.ts';
import { addressOf } from '../ui/app-address.ts';
import { cn } from '../ui/cn.ts';
import { formatClock } from '../ui/format.ts';
import { Icon } from '../ui/Icon.tsx';
import { typeColor } from '../ui/type-colors.ts';
import { useIsSeen } from '../ui/use-is-seen.ts';
import { isPicture, shownAs, type Result } from './results.ts';

/** Widths of a tile by height: what is very wide or very high is cut, and whole in the lightbox. */
const aspects = { least: 0.6, most: 2 };

interface ResultTileProps {
  readonly result: Result;
  /** Pixels; null lets the tile fill a cell of a grid. */
  readonly height: number | null;
  readonly isSelected: boolean;
  readonly isStarred: boolean;
  /** The one that the Tab key leads to. */
  readonly isCurrent: boolean;
  onOpen(result: Result): void;
  /** `isRange`: everything from the last one on. */
  onSelect(result: Result, isRange: boolean): void;
  onSave(result: Result): void;
  onDrag(result: Result, data: DataTransfer): void;
}

/** One result in small: a click opens it, the box in its corner selects it, and it can be dragged to a node or the desktop. */
export const ResultTile = memo(function ResultTile(props: ResultTileProps) {
  const { result, height, isSelected, isStarred, isCurrent, onOpen, onSelect, onSave, onDrag } = props;
  const tabIndex = isCurrent ? 0 : -1;
  const onClick = (event: MouseEvent) => {
    if (event.shiftKey || event.ctrlKey || event.metaKey) onSelect(result, event.shiftKey);
    else onOpen(result);
  };
  return (
    <li
      className="result-tile group/tile"
      data-kind={result.kind}
      data-selected={isSelected || undefined}
      style={
        height === null
          ? ({ '--aspect': aspectOf(result) } as CSSProperties)
          : { height, width: Math.round(height * aspectOf(result)) }
      }
      draggable
      onDragStart={(event: DragEvent) => onDrag(result, event.dataTransfer)}
    >
      <button
        type="button"
        data-result={result.key}
        tabIndex={tabIndex}
        title={result.title}
        onClick={onClick}
        onKeyDown={(event) => {
          if (event.key !== 'x' && event.key !== 'X') return;
          event.preventDefault();
          onSelect(result, event.shiftKey);
        }}
        className="block size-full overflow-hidden rounded-md text-left"
      >
        {/* Its name is not what it shows: a text would be read aloud whole. */}
        <span className="sr-only">Open {result.title}</span>
        <span aria-hidden className="block size-full">
          <ResultContent result={result} previewWidth={height === null ? 640 : 320} />
        </span>
      </button>
      {isStarred && (
        <Star size={13} role="img" aria-label="Starred" fill="currentColor" className="result-star text-accent-text" />
      )}
      <label className="result-check" title="Select (X)">
        <input
          type="checkbox"
          tabIndex={tabIndex}
          aria-label={`Select ${result.title}`}
          checked={isSelected}
          onClick={(event) => {
            event.preventDefault();
            onSelect(result, event.shiftKey);
          }}
          onChange={() => undefined}
          className="sr-only"
        />
        {isSelected && <Check size={12} strokeWidth={3} aria-hidden />}
      </label>
      <button
        type="button"
        tabIndex={tabIndex}
        aria-label={`Download ${result.title}`}
        title="Download"
        onClick={() => onSave(result)}
        className="result-save"
      >
        <Download size={13} aria-hidden />
      </button>
    </li>
  );
});

/** Width by height. */
function aspectOf(result: Result): number {
  const { asset } = result;
  if (asset?.width !== undefined && asset.height !== undefined)
    return Math.min(aspects.most, Math.max(aspects.least, asset.width / asset.height));
  return asset !== null && !isPicture(result) ? 1.4 : 1.8;
}

interface ResultContentProps {
  readonly result: Result;
  /** Of the small copy of an image, in pixels. */
  readonly previewWidth?: 320 | 640;
}

/** What a result shows in small, as large as its place. */
export function ResultContent({ result, previewWidth = 320 }: ResultContentProps) {
  const { kind, asset, text, title } = result;
  if (asset === null || !isFileType(kind)) {
    return (
      // What has no room here is told on approach; a click shows all of it.
      <span className={cn('result-words whole-lines', kind === 'data' && 'font-mono')} title={text?.slice(0, 600)}>
        {/* No more than a tile can show. */}
        {text?.slice(0, 600)}
      </span>
    );
  }
  if (shownAs(result) === 'still') return <Thumbnail asset={asset} width={previewWidth} />;
  if (shownAs(result) === 'moving') return <Clip asset={asset} />;
  return (
    <span className="flex size-full flex-col items-center justify-center gap-1 p-2 text-2xs text-muted">
      <span style={{ color: typeColor(kind) }}>
        <Icon name={rowOf(kind).icon} size={22} />
      </span>
      <span className="max-w-full truncate">
        {asset.durationMs === undefined ? title : formatClock(asset.durationMs / 1_000)}
      </span>
    </span>
  );
}

function Thumbnail({ asset, width }: { asset: AssetReference; width: number }) {
  return (
    <img
      src={addressOf(thumbnailUrl(asset.assetId, width))}
      alt=""
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={({ currentTarget }) => {
        // The small copy may be refused for a rare format; the file itself may still show.
        if (!currentTarget.src.endsWith(asset.url)) currentTarget.src = addressOf(asset.url);
      }}
      className="fade-in size-full object-cover"
    />
  );
}

/** The first picture of a video, from when it comes into view; a whole strip of players at once is too much. */
function Clip({ asset }: { asset: AssetReference }) {
  const { place, isSeen } = useIsSeen<HTMLSpanElement>();
  return (
    <span ref={place} className="relative block size-full">
      {isSeen && (
        <video
          src={addressOf(asset.url)}
          muted
          playsInline
          loop
          preload="metadata"
          tabIndex={-1}
          className="pointer-events-none size-full object-cover"
        />
      )}
      <span className="result-length">
        <Play size={10} fill="currentColor" aria-hidden />
        {asset.durationMs !== undefined && formatClock(asset.durationMs / 1_000)}
      </span>
    </span>
  );
}
