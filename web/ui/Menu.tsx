import { cloneElement, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';
import { afterEvent } from './after-event.ts';
import type { IconButtonProps } from './Button.tsx';
import { lazyPart } from './lazy-part.ts';

/** One entry of a menu; give a `hint` where it is disabled. */
export interface MenuEntry {
  label: string;
  icon?: ReactNode;
  shortcut?: string;
  isDanger?: boolean;
  disabled?: boolean;
  /** Why it cannot be chosen now, shown under the label. */
  hint?: string;
  onSelect(): void;
}

/** A null entry draws a line. */
export type MenuEntries = readonly (MenuEntry | null)[];

const popup = lazyPart(() => import('./MenuPopup.tsx'), 'MenuPopup');
const MenuPopup = popup.Component;

interface MenuProps {
  trigger: ReactElement<Partial<IconButtonProps>>;
  entries: MenuEntries;
  align?: 'start' | 'end';
}

/** A drop-down menu on a button; fetched when somebody comes near to it. */
export function Menu({ trigger, entries, align = 'end' }: MenuProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [wasOpen, setWasOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const open = () =>
    afterEvent(() => {
      setIsOpen(true);
      setWasOpen(true);
    });
  return (
    <>
      {cloneElement(trigger, {
        ref: button,
        'aria-haspopup': 'menu',
        'aria-expanded': isOpen,
        onClick: open,
        ...popup.whenNear,
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          open();
        },
      })}
      {wasOpen && (
        <MenuPopup open={isOpen} anchor={button} entries={entries} align={align} onClose={() => setIsOpen(false)} />
      )}
    </>
  );
}

interface PointMenuProps {
  /** Client coordinates of the pointer; null while closed. */
  at: { x: number; y: number } | null;
  entries: MenuEntries;
  onClose(): void;
}

/** A menu at a point, such as a right click. */
export function PointMenu({ at, entries, onClose }: PointMenuProps) {
  const [lastAt, setLastAt] = useState(at);
  if (at !== null && at !== lastAt) setLastAt(at);
  if (lastAt === null) return null;
  return <MenuPopup open={at !== null} anchor={lastAt} entries={entries} align="start" onClose={onClose} />;
}
