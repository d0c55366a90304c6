import { useMemo } from 'react';
import { usePeaks } from './use-asset.ts';
import { barsOf } from './waveform.ts';

/** In a node a bar has three pixels. */
const barCount = 80;

/** How loud an audio file is over its time; it fills its box. `share` (0-1) of it has the color of sound. */
export function SoundWave({ url, label, share }: { url: string; label: string; share: number }) {
  const peaks = usePeaks(url);
  const bars = useMemo(() => barsOf(peaks ?? [], barCount), [peaks]);
  return (
    <svg
      role="img"
      aria-label={`Waveform of ${label}`}
      data-measured={peaks !== undefined}
      viewBox={`0 0 ${barCount} 100`}
      preserveAspectRatio="none"
      className="absolute inset-0 size-full"
    >
      {bars.map((height, index) => (
        <rect
          key={index}
          x={index + 0.15}
          y={50 - height * 48}
          width={0.7}
          height={height * 96}
          // The color of the type up to where it has been played.
          fill={index < share * barCount ? 'var(--type-audio)' : 'var(--text-muted)'}
        />
      ))}
    </svg>
  );
}
