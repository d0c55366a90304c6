import { Expand, FileQuestion } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { isAssetReference, type AssetReference } from '../../core/node-type/values.ts';
import { CopyButton } from './CopyButton.tsx';
import { PreviewVideo } from './PreviewVideo.tsx';
import { formatBytes, formatDuration } from './format.ts';
import { IconButton } from './Button.tsx';

const MediaDialog = lazy(async () => ({ default: (await import('./MediaDialog.tsx')).MediaDialog }));

/** The address of a small copy of an image or of a video's first frame. */
export function thumbnailUrl(asset: { assetId: string }, width: 64 | 320 | 640): string {
  return `/api/assets/${asset.assetId}/thumbnail?width=${width}`;
}

function factsOf(asset: AssetReference): string {
  return [
    asset.width !== undefined && asset.height !== undefined ? `${asset.width} × ${asset.height}` : null,
    asset.durationMs === undefined ? null : formatDuration(asset.durationMs),
    formatBytes(asset.bytes),
  ]
    .filter(Boolean)
    .join(' · ');
}

function MediaPreview({ asset, title, size }: { asset: AssetReference; title: string; size: PreviewSize }) {
  const [isOpen, setIsOpen] = useState(false);
  const [isBroken, setIsBroken] = useState(false);
  const ratio = asset.width !== undefined && asset.height !== undefined ? `${asset.width} / ${asset.height}` : '4 / 3';
  const isVideo = asset.mimeType.startsWith('video/');
  const height = size === 'large' ? 180 : 96;
  return (
    <figure className="group/media relative overflow-hidden rounded-md bg-field">
      {isBroken ? (
        <div className="flex items-center justify-center gap-2 p-4 text-xs text-faint">
          <FileQuestion size={16} aria-hidden /> This file is no longer there
        </div>
      ) : isVideo ? (
        <PreviewVideo
          url={asset.url}
          label={title}
          maxHeight={height}
          aspectRatio={ratio}
          onBroken={() => setIsBroken(true)}
        />
      ) : (
        <img
          src={thumbnailUrl(asset, size === 'large' ? 640 : 320)}
          alt={title}
          draggable={false}
          onError={(event) => {
            // The small copy may be refused for a rare format; the file itself may still show.
            if (event.currentTarget.src.endsWith(asset.url)) setIsBroken(true);
            else event.currentTarget.src = asset.url;
          }}
          style={{ aspectRatio: ratio, maxHeight: height }}
          className="fade-in w-full object-contain"
        />
      )}
      {!isBroken && (
        <figcaption className="on-approach pointer-events-none absolute inset-x-1 top-1 flex items-start justify-between gap-1 opacity-0 transition-opacity group-hover/media:opacity-100 group-focus-within/media:opacity-100">
          <span className="rounded bg-surface/85 px-1.5 text-2xs text-ink">{factsOf(asset)}</span>
          <IconButton
            label={`Enlarge ${title}`}
            size="sm"
            variant="secondary"
            className="nodrag pointer-events-auto"
            onClick={() => setIsOpen(true)}
          >
            <Expand size={12} />
          </IconButton>
        </figcaption>
      )}
      {isOpen && (
        <Suspense fallback={null}>
          <MediaDialog asset={asset} title={title} facts={factsOf(asset)} onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </figure>
  );
}

type PreviewSize = 'small' | 'large';

/** One output or input value: a picture, a video, text, or whatever else as JSON. */
export function ValuePreview({ value, title, size = 'large' }: { value: unknown; title: string; size?: PreviewSize }) {
  if (isAssetReference(value) && /^(image|video)\//.test(value.mimeType)) {
    return <MediaPreview asset={value} title={title} size={size} />;
  }
  if (Array.isArray(value) && value.length > 0) {
    return (
      <div className={value.length > 1 ? 'grid grid-cols-2 gap-1' : ''}>
        {value.map((item, index) => (
          <ValuePreview key={index} value={item} title={`${title} ${index + 1}`} size="small" />
        ))}
      </div>
    );
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return <TextPreview text={text} title={title} size={size} />;
}

/** Text with a copy button; long text scrolls. */
export function TextPreview({ text, title, size = 'large' }: { text: string; title: string; size?: PreviewSize }) {
  return (
    <div className="group/text relative">
      <div
        tabIndex={0}
        role="region"
        aria-label={title}
        className={`nodrag nowheel fade-in cursor-text overflow-y-auto rounded-md bg-field px-2 py-1.5 pr-8 text-xs break-words whitespace-pre-wrap select-text ${size === 'large' ? 'max-h-52' : 'max-h-24'}`}
      >
        {text === '' ? <span className="text-faint">Empty text</span> : text}
      </div>
      <span className="on-approach absolute top-1 right-1 opacity-0 group-focus-within/text:opacity-100 group-hover/text:opacity-100">
        <CopyButton text={text} label={`Copy ${title}`} />
      </span>
    </div>
  );
}
