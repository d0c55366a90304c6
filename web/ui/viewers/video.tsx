import { addressOf } from '../app-address.ts';
import { PreviewVideo } from '../PreviewVideo.tsx';
import type { Viewer } from './viewer.ts';
import { boxOf } from './value-box.ts';

/** Shows a preview in its place; enlarged, it has the usual controls. */
export const videoViewer: Viewer = {
  InField: (props) => <PreviewVideo {...props} isFilling />,
  Value: ({ asset, title, size, onBroken }) => (
    <PreviewVideo
      url={addressOf(asset.url)}
      label={title}
      {...(boxOf(asset, size) ?? { isFilling: true })}
      onBroken={onBroken}
    />
  ),
  Enlarged: ({ asset }) => (
    <video
      src={addressOf(asset.url)}
      controls
      autoPlay
      muted
      className="max-h-[72vh] w-full rounded-md bg-field object-contain"
    />
  ),
};
