import { Tooltip as BaseTooltip } from '@base-ui/react/tooltip';
import { useEffect, type ReactNode } from 'react';
import { Kbd } from './Kbd.tsx';

/** The hint itself; the part it explains decides when it opens and closes. */
export interface TooltipPopupProps {
  readonly text: ReactNode;
  readonly shortcut: string | undefined;
  readonly side: 'top' | 'bottom' | 'left' | 'right';
  /** What it explains and stands beside. */
  readonly anchor: Element;
  /** The pointer is on the hint itself, so that it can be read. */
  readonly onReach: () => void;
  readonly onLeave: () => void;
  readonly onClose: () => void;
}

/** The hint of a `Tooltip` while it shows; loaded when the first one does. */
export function TooltipPopup({ text, shortcut, side, anchor, onReach, onLeave, onClose }: TooltipPopupProps) {
  useEffect(() => {
    // At the window, before the shortcuts, which may take Escape for themselves.
    const onKeyDown = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') onClose();
    };
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, [onClose]);
  return (
    <BaseTooltip.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <BaseTooltip.Portal>
        <BaseTooltip.Positioner anchor={anchor} side={side} sideOffset={6} className="z-60">
          <BaseTooltip.Popup
            onPointerEnter={onReach}
            onPointerLeave={onLeave}
            className="popup flex max-w-72 items-center gap-2 rounded-md border border-line bg-raised px-2 py-1 text-xs text-ink shadow-popup"
          >
            {text}
            {shortcut !== undefined && <Kbd keys={shortcut} />}
          </BaseTooltip.Popup>
        </BaseTooltip.Positioner>
      </BaseTooltip.Portal>
    </BaseTooltip.Root>
  );
}
