import { Download } from 'lucide-react';
import type { AssetReference } from '../../core/node-type/values.ts';
import { buttonClass } from './Button.tsx';
import { Dialog } from './Dialog.tsx';
import { addressOf } from './app-address.ts';

interface MediaDialogProps {
  asset: AssetReference;
  title: string;
  /** Its size and length, in words. */
  facts: string;
  onClose(): void;
}

/** A picture or video as large as the window allows. */
export function MediaDialog({ asset, title, facts, onClose }: MediaDialogProps) {
  return (
    <Dialog
      open
      title={title}
      description={facts}
      // As wide as most screens allow; the popup never leaves the window.
      width={1_040}
      onClose={onClose}
      footer={
        <a href={addressOf(asset.url)} download className={buttonClass()}>
          <Download size={14} aria-hidden /> Download
        </a>
      }
    >
      {asset.mimeType.startsWith('video/') ? (
        <video
          src={addressOf(asset.url)}
          controls
          autoPlay
          muted
          className="max-h-[72vh] w-full rounded-md bg-field object-contain"
        />
      ) : (
        <img
          src={addressOf(asset.url)}
          alt={title}
          className="max-h-[72vh] w-full rounded-md bg-field object-contain"
        />
      )}
    </Dialog>
  );
}
