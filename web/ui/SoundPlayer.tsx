import { Pause, Play } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { IconButton } from './Button.tsx';
import { cn } from './cn.ts';
import { formatClock } from './format.ts';
import { useAsset } from './use-asset.ts';
import { readableLength } from './use-video-length.ts';
import { SoundWave } from './SoundWave.tsx';

interface SoundPlayerProps {
  url: string;
  label: string;
  /** It takes the height that there is. Default false: as high as its controls. */
  isFilling?: boolean;
  onBroken(): void;
}

/** An audio file with its waveform: played by the button, moved in by the pointer or arrow keys. */
export function SoundPlayer({ url, label, isFilling = false, onBroken }: SoundPlayerProps) {
  const player = useRef<HTMLAudioElement>(null);
  const [isPlaying, setIsPlaying] = useState(false);
  const [positionS, setPositionS] = useState(0);
  const [playerLength, setPlayerLength] = useState<number | null>(null);
  const asset = useAsset(url);
  // A format that this browser does not play: the server has a copy that every browser does.
  const [convertedUrl, setConvertedUrl] = useState<string | null>(null);
  const copyUrl = /^\/[^/].*\/content$/.test(url) ? `${url}?playable=1` : null;
  const source = convertedUrl !== null && convertedUrl === copyUrl ? convertedUrl : url;
  // What the server has measured goes first: a recording of a browser has no length in its file.
  const lengthS = readableLength((asset?.durationMs ?? 0) / 1_000) ?? readableLength(playerLength) ?? 0;
  useEffect(() => {
    if (!isPlaying) return;
    // The browser tells of its position four times a second, which would jump.
    let frame = requestAnimationFrame(function follow() {
      setPositionS(player.current?.currentTime ?? 0);
      frame = requestAnimationFrame(follow);
    });
    return () => cancelAnimationFrame(frame);
  }, [isPlaying]);
  const at = Math.min(positionS, lengthS);
  return (
    <div className={cn('flex flex-col gap-1 p-2', isFilling && 'h-full justify-center')}>
      <audio
        ref={player}
        src={source}
        preload="metadata"
        onLoadedMetadata={(event) => setPlayerLength(event.currentTarget.duration)}
        onDurationChange={(event) => setPlayerLength(event.currentTarget.duration)}
        onTimeUpdate={(event) => setPositionS(event.currentTarget.currentTime)}
        onPlay={() => setIsPlaying(true)}
        onPause={() => setIsPlaying(false)}
        onEnded={() => setIsPlaying(false)}
        onError={() => (copyUrl === null || source === copyUrl ? onBroken() : setConvertedUrl(copyUrl))}
      />
      <div className={cn('relative rounded', isFilling ? 'min-h-12 flex-1' : 'h-14')}>
        <SoundWave url={url} label={label} share={lengthS > 0 ? at / lengthS : 0} />
        <input
          type="range"
          aria-label={`Position in ${label}`}
          aria-valuetext={`${formatClock(at)} of ${formatClock(lengthS)}`}
          value={at}
          min={0}
          max={lengthS}
          step={0.1}
          disabled={lengthS === 0}
          onChange={(event) => {
            const next = event.target.valueAsNumber;
            setPositionS(next);
            if (player.current !== null) player.current.currentTime = next;
          }}
          className="nodrag absolute inset-0 size-full cursor-pointer opacity-0"
        />
      </div>
      <div className="flex items-center gap-1.5">
        <IconButton
          label={isPlaying ? `Pause ${label}` : `Play ${label}`}
          size="sm"
          className="nodrag"
          onClick={() => {
            if (isPlaying) player.current?.pause();
            // Refused where the browser cannot play it, which it has told by then.
            else player.current?.play().catch(() => setIsPlaying(false));
          }}
        >
          {isPlaying ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
        </IconButton>
        <span className="text-2xs text-muted tabular-nums">
          {formatClock(at)} / {formatClock(lengthS)}
        </span>
      </div>
    </div>
  );
}
