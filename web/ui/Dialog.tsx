import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef, type MouseEvent, type ReactNode } from 'react';
import { Button, IconButton } from './Button.tsx';
import { cn } from './cn.ts';

interface DialogProps {
  open: boolean;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the bottom. */
  footer?: ReactNode;
  /** Pixel width; default 440. */
  width?: number;
  /** Hides the title row (a command palette); the title is still read aloud. */
  isBare?: boolean;
  onClose(): void;
}

/** A click in a dialog is none on what it was opened from, such as a node. */
function keepInside(event: MouseEvent) {
  event.stopPropagation();
}

/** A modal window; Escape and a click outside close it. */
export function Dialog({
  open,
  title,
  description,
  children,
  footer,
  width = 440,
  isBare = false,
  onClose,
}: DialogProps) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop
          onClick={keepInside}
          className="fixed inset-0 z-50 bg-overlay transition-opacity duration-150 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0"
        />
        <BaseDialog.Popup
          data-modal=""
          ref={popup}
          onClick={keepInside}
          // A dialog with a field of its own says so by autoFocus; the others begin at their title, not at Close.
          initialFocus={isBare ? undefined : popup}
          style={{ width }}
          className={cn(
            'popup fixed left-1/2 z-50 flex max-h-[calc(100dvh-32px)] max-w-[calc(100vw-24px)] -translate-x-1/2 flex-col overflow-hidden rounded-xl border border-line bg-surface shadow-popup outline-none',
            isBare ? 'top-[14vh]' : 'top-1/2 -translate-y-1/2',
          )}
        >
          <div className={cn('flex items-start gap-3 px-5 pt-4 pb-1', isBare && 'sr-only')}>
            <BaseDialog.Title className="flex-1 text-base font-semibold">{title}</BaseDialog.Title>
            {!isBare && (
              <BaseDialog.Close
                render={
                  <IconButton label="Close">
                    <X size={16} />
                  </IconButton>
                }
              />
            )}
          </div>
          {description !== undefined && (
            <BaseDialog.Description className={cn('px-5 pb-2 text-muted', isBare && 'sr-only')}>
              {description}
            </BaseDialog.Description>
          )}
          <div className={cn('min-h-0 flex-1 overflow-y-auto', !isBare && 'px-5 py-2')}>{children}</div>
          {footer !== undefined && <div className="flex justify-end gap-2 px-5 pt-2 pb-4">{footer}</div>}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  title: string;
  description: ReactNode;
  confirmLabel: string;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ open, title, description, confirmLabel, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog
      open={open}
      title={title}
      description={description}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep</Button>
          <Button
            variant="danger"
            onClick={() => {
              onConfirm();
              onClose();
            }}
          >
            {confirmLabel}
          </Button>
        </>
      }
    />
  );
}
