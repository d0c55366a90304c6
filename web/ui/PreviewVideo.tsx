import { useState } from 'react';

interface PreviewVideoProps {
  url: string;
  label: string;
  /** Pixels. */
  maxHeight: number;
  aspectRatio?: string;
  onBroken(): void;
}

/** A silent, looping player; its controls show under the pointer or the focus only, so that the picture is seen. */
export function PreviewVideo({ url, label, maxHeight, aspectRatio, onBroken }: PreviewVideoProps) {
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
      className="nodrag fade-in block w-full bg-field"
    />
  );
}
