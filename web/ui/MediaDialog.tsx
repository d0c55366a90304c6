import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AssetReference } from '../../core/node-type/values.ts';
import { buttonClass } from './Button.tsx';
import { Dialog } from './Dialog.tsx';
import { addressOf } from './app-address.ts';

interface MediaDialogProps {
  asset: AssetReference;
  title: string;
  /** Its size and length, in words. */
  facts: string;
  children: ReactNode;
  onClose(): void;
}

/** A file as large as the window allows. */
export function MediaDialog({ asset, title, facts, children, onClose }: MediaDialogProps) {
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
      {children}
    </Dialog>
  );
}
