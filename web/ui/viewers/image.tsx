import { thumbnailUrl } from '../../../core/api/assets.ts';
import { addressOf } from '../app-address.ts';
import { cn } from '../cn.ts';
import type { FieldViewProps, ValueViewProps, Viewer } from './viewer.ts';
import { boxOf } from './value-box.ts';

function InField({ url, label, onBroken }: FieldViewProps) {
  return (
    <img src={url} alt={label} draggable={false} onError={onBroken} className="fade-in size-full object-contain" />
  );
}

function Value({ asset, title, size, onBroken }: ValueViewProps) {
  return (
    <img
      src={addressOf(thumbnailUrl(asset.assetId, size === 'small' ? 320 : 640))}
      alt={title}
      draggable={false}
      onError={(event) => {
        // The small copy may be refused for a rare format; the file itself may still show.
        if (event.currentTarget.src.endsWith(asset.url)) onBroken();
        else event.currentTarget.src = addressOf(asset.url);
      }}
      style={boxOf(asset, size)}
      className={cn('fade-in w-full object-contain', size === 'fill' && 'h-full')}
    />
  );
}

/** Shows the image; enlarged, it fills up to 72% of the window height. */
export const imageViewer: Viewer = {
  InField,
  Value,
  Enlarged: ({ asset, title }) => (
    <img src={addressOf(asset.url)} alt={title} className="max-h-[72vh] w-full rounded-md bg-field object-contain" />
  ),
};
