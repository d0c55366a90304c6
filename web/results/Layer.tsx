import { useEffect, useState } from 'react';
import { thumbnailUrl } from '../../core/api/assets.ts';
import type { AssetReference } from '../../core/node-type/values.ts';
import { addressOf } from '../ui/app-address.ts';
import { useIsPhone } from '../ui/use-media.ts';
import type { Size } from './zoom.ts';

/** The size of a file as far as it is known; else one to begin with. */
export function sizeOfAsset({ width, height }: AssetReference): Size {
  return { width: width ?? 1_280, height: height ?? 960 };
}

/** Types that are never transparent. */
const opaqueTypes = new Set(['image/jpeg']);

/** An image in its own size: a small copy at once, which most often is there already, and the file over it when it has come. */
export function ImageLayer({ asset, title }: { readonly asset: AssetReference; readonly title: string }) {
  const [isThere, setIsThere] = useState(false);
  const [isBroken, setIsBroken] = useState(false);
  const isWanted = useIsDrawn();
  // As the tile that was clicked has it.
  const previewWidth = useIsPhone() ? 640 : 320;
  const layer = 'absolute inset-0 size-full object-contain';
  const isOpaque = opaqueTypes.has(asset.mimeType) || undefined;
  return (
    <>
      {!isThere && !isBroken && (
        <img
          src={addressOf(thumbnailUrl(asset.assetId, previewWidth))}
          alt=""
          aria-hidden
          draggable={false}
          decoding="sync"
          data-preview
          data-opaque={isOpaque}
          className={layer}
        />
      )}
      <img
        src={isWanted ? addressOf(asset.url) : undefined}
        alt={title}
        draggable={false}
        decoding="async"
        data-opaque={isOpaque}
        onLoad={({ currentTarget }) => {
          const show = () => setIsThere(true);
          // The small copy stays until this can be drawn.
          currentTarget.decode().then(show, show);
        }}
        onError={() => setIsBroken(true)}
        className={layer}
        style={{ visibility: isThere && !isBroken ? undefined : 'hidden' }}
      />
      {isBroken && (
        <p className="absolute inset-0 flex items-center justify-center text-muted">This file cannot be displayed.</p>
      )}
    </>
  );
}

/** A video in its own size, without controls of its own. */
export function VideoLayer({ asset, title }: { readonly asset: AssetReference; readonly title: string }) {
  return (
    <video
      src={addressOf(asset.url)}
      aria-label={title}
      muted
      loop
      playsInline
      preload="auto"
      tabIndex={-1}
      className="absolute inset-0 size-full object-contain"
    />
  );
}

/** Whether it has been drawn once: what is large and comes later has to wait until then. */
function useIsDrawn(): boolean {
  const [isDrawn, setIsDrawn] = useState(false);
  useEffect(() => {
    // Within a frame; what is set here is drawn with the one after it.
    const frame = requestAnimationFrame(() => setIsDrawn(true));
    return () => cancelAnimationFrame(frame);
  }, []);
  return isDrawn;
}
