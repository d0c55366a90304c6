import { useEffect, useRef } from 'react';

/** Enough to see what happens when, few enough to be there in a moment. */
const pictures = 8;
/** Pixels of one of them, on a fine screen. */
const cell = { width: 88, height: 128 };

/** Pictures of a video, evenly spread, side by side; what the browser cannot play stays empty. */
export function Filmstrip({ url, lengthS }: { url: string; lengthS: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined) return;
    const player = document.createElement('video');
    player.muted = true;
    player.preload = 'auto';
    let drawn = 0;
    const ask = () => {
      player.currentTime = ((drawn + 0.5) * lengthS) / pictures;
    };
    player.onloadeddata = ask;
    player.onseeked = () => {
      const scale = Math.max(cell.width / player.videoWidth, cell.height / player.videoHeight);
      const [width, height] = [cell.width / scale, cell.height / scale];
      const [x, y] = [(player.videoWidth - width) / 2, (player.videoHeight - height) / 2];
      context.drawImage(player, x, y, width, height, drawn * cell.width, 0, cell.width, cell.height);
      drawn += 1;
      canvas.current?.setAttribute('data-drawn', String(drawn));
      if (drawn < pictures) ask();
    };
    player.src = url;
    return () => {
      player.onseeked = player.onloadeddata = null;
      player.removeAttribute('src');
      player.load();
    };
  }, [url, lengthS]);
  return (
    <canvas
      ref={canvas}
      width={pictures * cell.width}
      height={cell.height}
      role="img"
      aria-label="Frames of the video"
      className="absolute inset-0 size-full"
    />
  );
}
