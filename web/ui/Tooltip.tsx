import { mergeProps } from '@base-ui/react/merge-props';
import {
  cloneElement,
  lazy,
  Suspense,
  useEffect,
  useRef,
  useState,
  type ComponentType,
  type DOMAttributes,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { TooltipPopupProps } from './TooltipPopup.tsx';

/** Without it the page works as before: what cannot be loaded is left out. */
const TooltipPopup = lazy<ComponentType<TooltipPopupProps>>(() =>
  import('./TooltipPopup.tsx').catch(() => ({ default: () => null })),
);

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

/** A short hint on hover and keyboard focus. */
export function Tooltip({ text, shortcut, side = 'bottom', render }: TooltipProps) {
  const [anchor, setAnchor] = useState<Element | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const later = (ms: number, act: () => void) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(act, ms);
  };
  const stay = () => clearTimeout(timer.current);
  const close = () => {
    clearTimeout(timer.current);
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
        <Suspense fallback={null}>
          <TooltipPopup
            text={text}
            shortcut={shortcut}
            side={side}
            anchor={anchor}
            onReach={stay}
            onLeave={leave}
            onClose={close}
          />
        </Suspense>
      )}
    </>
  );
}
