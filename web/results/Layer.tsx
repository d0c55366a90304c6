import { useState } from 'react';
import { thumbnailUrl } from '../../core/api/assets.ts';
import type { AssetReference } from '../../core/node-type/values.ts';
import { addressOf } from '../ui/app-address.ts';
import type { Size } from './zoom.ts';

/** The size of a file as far as it is known; else one to begin with. */
export function sizeOfAsset({ width, height }: AssetReference): Size {
  return { width: width ?? 1_280, height: height ?? 960 };
}

/** An image in its own size: a small copy at once, which most often is there already, and the file over it when it has come. */
export function ImageLayer({ asset, title }: { readonly asset: AssetReference; readonly title: string }) {
  const [isThere, setIsThere] = useState(false);
  const [isBroken, setIsBroken] = useState(false);
  const layer = 'absolute inset-0 size-full object-contain';
  return (
    <>
      {!isThere && !isBroken && (
        <img
          src={addressOf(thumbnailUrl(asset.assetId, 320))}
          alt=""
          aria-hidden
          draggable={false}
          data-preview
          className={layer}
        />
      )}
      <img
        src={addressOf(asset.url)}
        alt={title}
        draggable={false}
        decoding="async"
        onLoad={() => setIsThere(true)}
        onError={() => setIsBroken(true)}
        className={layer}
        style={{ visibility: isBroken ? 'hidden' : undefined }}
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
