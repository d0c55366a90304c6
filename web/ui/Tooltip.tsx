import { Tooltip as BaseTooltip } from '@base-ui/react/tooltip';
import type { ReactElement, ReactNode } from 'react';
import { Kbd } from './Kbd.tsx';

interface TooltipProps {
  text: ReactNode;
  shortcut?: string | undefined;
  side?: 'top' | 'bottom' | 'left' | 'right';
  /** The element it belongs to; must take a ref and event handlers. */
  render: ReactElement;
}

/** A short hint on hover and keyboard focus. */
export function Tooltip({ text, shortcut, side = 'bottom', render }: TooltipProps) {
  return (
    <BaseTooltip.Root>
      <BaseTooltip.Trigger render={render} />
      <BaseTooltip.Portal>
        <BaseTooltip.Positioner side={side} sideOffset={6} className="z-60">
          <BaseTooltip.Popup className="popup flex max-w-72 items-center gap-2 rounded-md border border-line bg-raised px-2 py-1 text-xs text-ink shadow-popup">
            {text}
            {shortcut !== undefined && <Kbd keys={shortcut} />}
          </BaseTooltip.Popup>
        </BaseTooltip.Positioner>
      </BaseTooltip.Portal>
    </BaseTooltip.Root>
  );
}

/** Shares the delay, so that moving along a toolbar shows hints at once. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    // 400 ms: long enough not to flicker while the pointer passes by.
    <BaseTooltip.Provider delay={400}>{children}</BaseTooltip.Provider>
  );
}
