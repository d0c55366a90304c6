import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { Check, ChevronLeft, ChevronRight, Columns2, Copy, CornerUpLeft, Download, Info, Star, X } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { thumbnailUrl } from '../../core/api/assets.ts';
import { isFileType } from '../../core/data-types/table.ts';
import { useApp } from '../api/context.ts';
import { useEnvironment } from '../canvas/environment.ts';
import { addressOf } from '../ui/app-address.ts';
import { IconButton } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { factsOf } from '../ui/facts.ts';
import { useIsPhone } from '../ui/use-media.ts';
import { viewerOf } from '../ui/viewers/viewers.tsx';
import { ImageLayer, sizeOfAsset } from './Layer.tsx';
import { useMadeBy } from './made-by.ts';
import { MadeBy } from './MadeBy.tsx';
import { canCopy, copyResult } from './result-actions.ts';
import { ShareButton, type ResultActions } from './ResultTools.tsx';
import { shownAs, starKeyOf, type Result } from './results.ts';
import { fitted, type Zoom } from './zoom.ts';
import { ZoomArea } from './ZoomArea.tsx';

interface LightboxProps {
  readonly results: readonly Result[];
  readonly index: number;
  readonly marked: ReadonlySet<string>;
  readonly actions: ResultActions;
  onIndex(index: number): void;
  onCompare(results: readonly Result[]): void;
  onClose(): void;
}

/** One result as large as the window: arrow keys lead to the next, `+`, `-`, `1` and `0` zoom, `Esc` closes. */
export function Lightbox({ results, index, marked, actions, onIndex, onCompare, onClose }: LightboxProps) {
  const result = results[index]!;
  const { notify } = useApp();
  const { catalogue } = useEnvironment();
  const isPhone = useIsPhone();
  const [isInfoOpen, setIsInfoOpen] = useState(!isPhone);
  // Both belong to the one that is shown: the next one begins whole, and not copied.
  const [zoomed, setZoomed] = useState({ key: result.key, zoom: fitted });
  const [copiedKey, setCopiedKey] = useState<string | null>(null);
  const zoom = zoomed.key === result.key ? zoomed.zoom : fitted;
  const setZoom = (next: Zoom) => setZoomed({ key: result.key, zoom: next });
  const isCopied = copiedKey === result.key;
  const popup = useRef<HTMLDivElement>(null);
  const [facts = []] = useMadeBy([result], catalogue);
  useEffect(() => {
    // The neighbors show at once.
    for (const neighbor of [results[index + 1], results[index - 1]]) {
      if (neighbor !== undefined && shownAs(neighbor) === 'still') {
        new Image().src = addressOf(thumbnailUrl(neighbor.asset!.assetId, isPhone ? 640 : 320));
      }
    }
  }, [results, index, isPhone]);

  const go = (to: number) => onIndex(Math.min(results.length - 1, Math.max(0, to)));
  const copy = () => {
    void copyResult(result).then((isDone) => {
      setCopiedKey(isDone ? result.key : null);
      if (!isDone) notify({ title: 'Not copied', description: 'The browser did not allow it.', kind: 'error' });
    });
  };
  const zoomBy = (factor: number) =>
    setZoom(zoom.factor * factor <= 1 ? fitted : { ...zoom, factor: zoom.factor * factor });
  const toPixels = () => {
    const area = popup.current?.querySelector('.zoom-area');
    const scale = Number(area?.getAttribute('data-scale') ?? 1) / zoom.factor;
    setZoom({ ...zoom, factor: Math.max(1, 1 / scale) });
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => go(index + 1),
    ArrowLeft: () => go(index - 1),
    Home: () => go(0),
    End: () => go(results.length - 1),
    '+': () => zoomBy(1.5),
    '=': () => zoomBy(1.5),
    '-': () => zoomBy(1 / 1.5),
    '0': () => setZoom(fitted),
    '1': toPixels,
    i: () => setIsInfoOpen(!isInfoOpen),
    s: () => actions.star([result]),
    c: () => canCopy(result) && copy(),
    d: () => actions.save([result]),
    ' ': () => {
      const video = popup.current?.querySelector('video');
      if (video != null) void (video.paused ? video.play() : video.pause());
    },
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isOwn =
      event.target instanceof Element && event.target.closest('video, audio, input, [role="slider"]') !== null;
    const isPress = event.target instanceof Element && event.target.closest('button, a') !== null && event.key === ' ';
    const act = keys[event.key];
    if (act === undefined || isOwn || isPress || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const isStarred = marked.has(starKeyOf(result));
  const { use } = actions;
  const partner = results[index === 0 ? 1 : index - 1];
  return (
    <BaseDialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Popup data-modal="" ref={popup} initialFocus={popup} className="stage" onKeyDown={onKeyDown}>
          <header className="flex min-h-12 flex-wrap items-center gap-x-1 border-b border-line bg-surface px-2">
            <IconButton label="Previous" shortcut="←" disabled={index === 0} onClick={() => go(index - 1)}>
              <ChevronLeft size={18} />
            </IconButton>
            <span className="text-xs whitespace-nowrap text-muted" role="status">
              {index + 1} of {results.length}
            </span>
            <IconButton label="Next" shortcut="→" disabled={index === results.length - 1} onClick={() => go(index + 1)}>
              <ChevronRight size={18} />
            </IconButton>
            <div className="ml-2 min-w-0 flex-1 max-sm:order-last max-sm:ml-1 max-sm:basis-full max-sm:pb-1">
              <BaseDialog.Title className="truncate text-sm font-semibold">{result.title}</BaseDialog.Title>
              <BaseDialog.Description className="truncate text-2xs text-muted">
                {result.asset !== null
                  ? factsOf(result.asset)
                  : `${(result.text ?? '').length.toLocaleString()} characters`}
              </BaseDialog.Description>
            </div>
            <span className="flex-1 sm:hidden" />
            {shownAs(result) === 'still' && (
              <span className="px-1 text-xs whitespace-nowrap text-muted max-sm:hidden">
                {zoom.factor === 1 ? 'Fit' : `${zoom.factor.toFixed(1)} ×`}
              </span>
            )}
            {canCopy(result) && (
              <IconButton label={isCopied ? 'Copied' : 'Copy'} shortcut="C" onClick={copy}>
                {isCopied ? <Check size={16} /> : <Copy size={16} />}
              </IconButton>
            )}
            <IconButton label="Download" shortcut="D" onClick={() => actions.save([result])}>
              <Download size={16} />
            </IconButton>
            <ShareButton results={[result]} />
            {use !== null && (
              <IconButton
                label="Use as input"
                onClick={() => {
                  onClose();
                  use([result]);
                }}
              >
                <CornerUpLeft size={16} />
              </IconButton>
            )}
            {partner !== undefined && !isPhone && (
              <IconButton
                label={`Compare with ${partner.title}`}
                onClick={() => {
                  onClose();
                  onCompare([partner, result]);
                }}
              >
                <Columns2 size={16} />
              </IconButton>
            )}
            <IconButton
              label={isStarred ? 'Remove star' : 'Star'}
              shortcut="S"
              isPressed={isStarred}
              onClick={() => actions.star([result])}
            >
              <Star size={16} fill={isStarred ? 'currentColor' : 'none'} />
            </IconButton>
            <IconButton
              label="How it was made"
              shortcut="I"
              isPressed={isInfoOpen}
              onClick={() => setIsInfoOpen(!isInfoOpen)}
            >
              <Info size={16} />
            </IconButton>
            <IconButton label="Close" shortcut="Esc" onClick={onClose}>
              <X size={18} />
            </IconButton>
          </header>
          <div className="flex min-h-0 flex-1 max-sm:flex-col">
            <Shown result={result} zoom={zoom} onZoom={setZoom} onSwipe={(direction) => go(index + direction)} />
            {isInfoOpen && (
              <aside
                aria-label="How it was made"
                tabIndex={0}
                className={cn(
                  'w-72 shrink-0 overflow-y-auto border-l border-line bg-surface p-4',
                  'max-sm:max-h-64 max-sm:w-auto max-sm:border-t max-sm:border-l-0',
                )}
              >
                <MadeBy facts={facts} />
              </aside>
            )}
          </div>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

interface ShownProps {
  readonly result: Result;
  readonly zoom: Zoom;
  onZoom(zoom: Zoom): void;
  onSwipe(direction: 1 | -1): void;
}

function Shown({ result, zoom, onZoom, onSwipe }: ShownProps) {
  const { kind, asset, text, title, key } = result;
  if (asset === null || !isFileType(kind)) {
    return (
      <div
        role="region"
        aria-label={title}
        tabIndex={0}
        className={cn('stage-words min-w-0 flex-1', kind === 'data' && 'font-mono text-xs')}
      >
        {text}
      </div>
    );
  }
  if (shownAs(result) === 'still') {
    return (
      <ZoomArea size={sizeOfAsset(asset)} zoom={zoom} className="flex-1" onZoom={onZoom} onSwipe={onSwipe}>
        <ImageLayer key={asset.assetId} asset={asset} title={title} />
      </ZoomArea>
    );
  }
  if (shownAs(result) === 'moving') {
    return (
      <div className="flex min-h-0 min-w-0 flex-1 items-center justify-center p-4">
        <video
          key={key}
          src={addressOf(asset.url)}
          aria-label={title}
          controls
          autoPlay
          loop
          playsInline
          className="max-h-full max-w-full rounded-md"
        />
      </div>
    );
  }
  const { Value } = viewerOf(kind);
  return (
    <div className="flex min-h-0 min-w-0 flex-1 items-center justify-center p-6">
      <div className="w-full max-w-160 rounded-xl border border-line bg-surface p-4">
        <Value key={key} asset={asset} title={title} size="large" onBroken={() => undefined} />
      </div>
    </div>
  );
}
