import { Download } from 'lucide-react';
import { addressOf } from '../app-address.ts';
import { buttonClass } from '../Button.tsx';
import { factsOf } from '../facts.ts';
import { SoundPlayer } from '../SoundPlayer.tsx';
import type { ValueViewProps, Viewer } from './viewer.ts';

function Value({ asset, title, size, onBroken }: ValueViewProps) {
  return (
    <div className={size === 'fill' ? 'flex h-full flex-col' : 'flex flex-col'}>
      <div className={size === 'fill' ? 'min-h-0 flex-1' : undefined}>
        <SoundPlayer url={addressOf(asset.url)} label={title} isFilling={size === 'fill'} onBroken={onBroken} />
      </div>
      <div className="flex items-center justify-between gap-2 px-2 pb-1 text-2xs text-muted">
        <span className="truncate">{factsOf(asset)}</span>
        <a
          href={addressOf(`${asset.url}?download=1`)}
          download
          aria-label={`Download ${title}`}
          className={buttonClass('ghost', 'sm')}
        >
          <Download size={12} aria-hidden />
        </a>
      </div>
    </div>
  );
}

/** Plays the sound in its place; nothing to enlarge. */
export const audioViewer: Viewer = {
  InField: (props) => <SoundPlayer {...props} isFilling />,
  Value,
  Enlarged: null,
};
