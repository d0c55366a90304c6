import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { ArrowLeftRight, Pause, Play, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { isFileType } from '../../core/data-types/table.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { factsOf } from '../ui/facts.ts';
import { Time } from '../ui/Time.tsx';
import { viewerOf } from '../ui/viewers/viewers.tsx';
import { Layered, type LayeredMode } from './Layered.tsx';
import { ImageLayer, sizeOfAsset, VideoLayer } from './Layer.tsx';
import { useMadeBy } from './made-by.ts';
import { MadeBy } from './MadeBy.tsx';
import { isPicture, shownAs, type Result } from './results.ts';
import './results.css';
import { WordDiff } from './WordDiff.tsx';
import { fitted, type Zoom } from './zoom.ts';
import { ZoomArea } from './ZoomArea.tsx';

type Mode = 'side' | 'words' | LayeredMode;

const modes: readonly (readonly [Mode, string])[] = [
  ['side', 'Side by side'],
  ['slider', 'Slider'],
  ['onion', 'Onion skin'],
  ['difference', 'Difference'],
  ['words', 'Word changes'],
];

interface CompareResultsProps {
  readonly results: readonly Result[];
  readonly catalogue: Catalogue;
  onClose(): void;
}

/** Two or more results against each other: what they show, and how they were made. */
export function CompareResults({ results: given, catalogue, onClose }: CompareResultsProps) {
  const [results, setResults] = useState(given);
  const [mode, setMode] = useState<Mode>('side');
  const [zoom, setZoom] = useState<Zoom>(fitted);
  const [isPlaying, setIsPlaying] = useState(false);
  const popup = useRef<HTMLDivElement>(null);
  const facts = useMadeBy(results, catalogue);
  const possible = modesFor(results);
  const [first, second] = results;
  const hasVideo = results.some((result) => shownAs(result) === 'moving');
  const play = () => {
    const videos = [...(popup.current?.querySelectorAll('video') ?? [])];
    const start = Math.min(...videos.map(({ currentTime }) => currentTime));
    for (const video of videos) {
      // All of them from one moment on, so that they stay together.
      video.currentTime = start;
      if (isPlaying) video.pause();
      else void video.play();
    }
    setIsPlaying(!isPlaying);
  };
  return (
    <BaseDialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Popup data-modal="" ref={popup} initialFocus={popup} className="stage">
          <header className="flex min-h-12 flex-wrap items-center gap-2 border-b border-line bg-surface px-3 py-1">
            <BaseDialog.Title className="text-sm font-semibold max-sm:flex-1">
              Compare {results.length} results
            </BaseDialog.Title>
            <div
              role="toolbar"
              aria-label="How to compare"
              className="flex flex-wrap gap-0.5 sm:mx-auto max-sm:order-last"
            >
              {modes
                .filter(([each]) => possible.includes(each))
                .map(([each, label]) => (
                  <Button
                    key={each}
                    size="sm"
                    variant="ghost"
                    aria-pressed={mode === each}
                    className={mode === each ? 'bg-hover text-ink' : ''}
                    onClick={() => setMode(each)}
                  >
                    {label}
                  </Button>
                ))}
            </div>
            {hasVideo && (
              <IconButton label={isPlaying ? 'Pause all' : 'Play all'} onClick={play}>
                {isPlaying ? <Pause size={16} /> : <Play size={16} />}
              </IconButton>
            )}
            {results.length === 2 && (
              <IconButton label="Swap" onClick={() => setResults(results.toReversed())}>
                <ArrowLeftRight size={16} />
              </IconButton>
            )}
            <IconButton label="Close" shortcut="Esc" onClick={onClose}>
              <X size={18} />
            </IconButton>
          </header>
          {mode === 'side' || first === undefined || second === undefined ? (
            <div className="flex min-h-0 flex-1 divide-x divide-line max-sm:flex-col max-sm:divide-x-0 max-sm:overflow-y-auto">
              {results.map((result) => (
                <figure key={result.key} className="flex min-h-0 min-w-0 flex-1 flex-col max-sm:min-h-64">
                  <One result={result} zoom={zoom} onZoom={setZoom} />
                </figure>
              ))}
            </div>
          ) : mode === 'words' ? (
            <WordDiff before={first.text ?? ''} after={second.text ?? ''} />
          ) : (
            <Layered mode={mode} first={first} second={second} zoom={zoom} onZoom={setZoom} />
          )}
          <div className="flex max-h-[36dvh] shrink-0 divide-x divide-line overflow-y-auto border-t border-line bg-surface">
            {results.map((result, index) => (
              <div key={result.key} className="min-w-0 flex-1 p-3">
                <p className="truncate text-xs font-semibold" title={result.title}>
                  {results.length === 2 && `${'AB'[index]}: `}
                  {result.title}
                </p>
                <p className="mb-2 truncate text-2xs text-faint">
                  {result.execution.finishedAt !== null && <Time at={result.execution.finishedAt} />}
                  {result.asset !== null && ` · ${factsOf(result.asset)}`}
                </p>
                <MadeBy facts={facts[index] ?? []} others={facts.filter((_, other) => other !== index)} />
              </div>
            ))}
          </div>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** Two that lie over each other can be compared in more ways than several, or than words with a sound. */
function modesFor(results: readonly Result[]): readonly Mode[] {
  const [first, second] = results;
  if (results.length !== 2 || first === undefined || second === undefined) return ['side'];
  if (first.asset === null && second.asset === null) return ['side', 'words'];
  return isPicture(first) && isPicture(second) ? ['side', 'slider', 'onion', 'difference'] : ['side'];
}

function One({ result, zoom, onZoom }: { result: Result; zoom: Zoom; onZoom(zoom: Zoom): void }) {
  const { kind, asset, text, title } = result;
  if (asset === null || !isFileType(kind)) {
    return (
      <div
        role="region"
        aria-label={title}
        tabIndex={0}
        className={cn(
          'min-h-0 flex-1 overflow-y-auto p-4 break-words whitespace-pre-wrap select-text',
          kind === 'data' && 'font-mono text-xs',
        )}
      >
        {text}
      </div>
    );
  }
  if (isPicture(result)) {
    return (
      <ZoomArea size={sizeOfAsset(asset)} zoom={zoom} className="flex-1" onZoom={onZoom}>
        {shownAs(result) === 'still' ? (
          <ImageLayer key={asset.assetId} asset={asset} title={title} />
        ) : (
          <VideoLayer asset={asset} title={title} />
        )}
      </ZoomArea>
    );
  }
  const { Value } = viewerOf(kind);
  return (
    <div className="m-4 rounded-xl border border-line bg-surface p-3">
      <Value asset={asset} title={title} size="large" onBroken={() => undefined} />
    </div>
  );
}
