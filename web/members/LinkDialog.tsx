import { CopyOnceDialog } from '../ui/CopyOnceDialog.tsx';
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
  return (
    <CopyOnceDialog
      title={link?.title ?? ''}
      description={link?.description}
      text={link === null ? null : new URL(addressOf(link.path), window.location.origin).href}
      copyLabel="Copy link"
      width={560}
      onClose={onClose}
    />
  );
}
