import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { addressOf } from '../ui/app-address.ts';

/** A one-time link and the words around it. */
export interface ShownLink {
  readonly title: string;
  readonly description: string;
  /** On this server. */
  readonly path: string;
}

/** A one-time link, to be copied now: the server keeps only its hash. */
export function LinkDialog({ link, onClose }: { link: ShownLink | null; onClose(): void }) {
  const address = link === null ? '' : new URL(addressOf(link.path), window.location.origin).href;
  return (
    <Dialog
      open={link !== null}
      title={link?.title ?? ''}
      description={`${link?.description ?? ''} Copy it now. You will not see it again.`}
      width={560}
      onClose={onClose}
      footer={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex items-center gap-2 rounded-md border border-line bg-field py-1.5 pr-1.5 pl-3">
        <code className="flex-1 text-xs break-all select-all">{address}</code>
        <CopyButton text={address} label="Copy link" />
      </div>
    </Dialog>
  );
}
