import {
  cloneElement,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  type RefObject,
} from 'react';
import { afterEvent } from './after-event.ts';
import type { IconButtonProps } from './Button.tsx';
import { lazyPart, type LazyPart } from './lazy-part.ts';

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

/** `entries` are drawn in their order. */
export interface MenuPopupProps {
  open: boolean;
  /** The button that the menu hangs on, or a point such as that of a right click. */
  anchor: RefObject<HTMLElement | null> | { x: number; y: number };
  entries: MenuEntries;
  align: 'start' | 'end';
  onClose(): void;
}

const plainPopup = lazyPart(() => import('./MenuPopup.tsx'), 'MenuPopup');

interface MenuProps {
  trigger: ReactElement<Partial<IconButtonProps>>;
  entries: MenuEntries;
  align?: 'start' | 'end';
  /** What draws the entries; default: as they are. */
  popup?: LazyPart<MenuPopupProps>;
}

/** A drop-down menu on a button; fetched when somebody comes near to it. */
export function Menu({ trigger, entries, align = 'end', popup = plainPopup }: MenuProps) {
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
        <popup.Component
          open={isOpen}
          anchor={button}
          entries={entries}
          align={align}
          onClose={() => setIsOpen(false)}
        />
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
  return <plainPopup.Component open={at !== null} anchor={lastAt} entries={entries} align="start" onClose={onClose} />;
}
