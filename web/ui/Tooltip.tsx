import { mergeProps } from '@base-ui/react/merge-props';
import { cloneElement, useEffect, useState, type DOMAttributes, type ReactElement, type ReactNode } from 'react';
import { lazyPart } from './lazy-part.ts';
import type { TooltipPopupProps } from './TooltipPopup.tsx';

/** Without it the page works as before: what cannot be loaded is left out. */
const TooltipPopup = lazyPart<'TooltipPopup', TooltipPopupProps>(
  async () => (await import('./TooltipPopup.tsx').catch(() => null)) ?? { TooltipPopup: () => null },
  'TooltipPopup',
).Component;

/** Milliseconds: long enough not to flicker while the pointer passes by. */
const openAfterMs = 400;
/** Milliseconds in which the pointer may cross the gap to the hint. */
const closeAfterMs = 100;
/** Milliseconds after a hint in which the next one comes at once, as when the pointer moves along a toolbar. */
const groupMs = 400;

let closedAt = -Infinity;

interface TooltipProps {
  text: ReactNode;
  shortcut?: string | undefined;
  side?: 'top' | 'bottom' | 'left' | 'right';
  /** The element it belongs to; must take event handlers. */
  render: ReactElement;
}

/** One thing to do later; the next one takes its place. */
function createTimer(): { later: (ms: number, act: () => void) => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  return {
    stop,
    later: (ms, act) => {
      stop();
      timer = setTimeout(act, ms);
    },
  };
}

/** A short hint on hover and keyboard focus. */
export function Tooltip({ text, shortcut, side = 'bottom', render }: TooltipProps) {
  const [anchor, setAnchor] = useState<Element | null>(null);
  const [{ later, stop }] = useState(createTimer);
  useEffect(() => stop, [stop]);

  const close = () => {
    stop();
    if (anchor !== null) closedAt = performance.now();
    setAnchor(null);
  };
  const leave = () => later(closeAfterMs, close);
  const own: DOMAttributes<Element> = {
    onPointerEnter: ({ pointerType, currentTarget }) => {
      if (pointerType === 'touch') return;
      const isNext = performance.now() - closedAt < groupMs;
      later(isNext ? 0 : openAfterMs, () => setAnchor(currentTarget));
    },
    onPointerLeave: leave,
    onFocus: ({ currentTarget }) => {
      if (currentTarget.matches(':focus-visible')) setAnchor(currentTarget);
    },
    onBlur: close,
    onPointerDown: close,
    onClick: close,
  };
  return (
    <>
      {cloneElement(render, mergeProps<'button'>(own as object, render.props as object) as object)}
      {anchor !== null && (
        <TooltipPopup
          text={text}
          shortcut={shortcut}
          side={side}
          anchor={anchor}
          onReach={stop}
          onLeave={leave}
          onClose={close}
        />
      )}
    </>
  );
}
