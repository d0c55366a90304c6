import { useState } from 'react';
import { cn } from './cn.ts';

interface PreviewVideoProps {
  url: string;
  label: string;
  /** Pixels. */
  maxHeight?: number;
  aspectRatio?: string;
  /** Takes the height that there is. Default false. */
  isFilling?: boolean;
  onBroken(): void;
}

/** A silent, looping player; its controls show under the pointer or the focus only, so that the video is seen. */
export function PreviewVideo({ url, label, maxHeight, aspectRatio, isFilling = false, onBroken }: PreviewVideoProps) {
  const [hasControls, setHasControls] = useState(false);
  return (
    <video
      src={url}
      aria-label={label}
      tabIndex={0}
      controls={hasControls}
      muted
      loop
      playsInline
      preload="metadata"
      onPointerEnter={() => setHasControls(true)}
      onPointerLeave={() => setHasControls(false)}
      onFocus={() => setHasControls(true)}
      onBlur={() => setHasControls(false)}
      onError={onBroken}
      style={{ aspectRatio, maxHeight }}
      className={cn('nodrag fade-in block w-full bg-field', isFilling && 'h-full')}
    />
  );
}
