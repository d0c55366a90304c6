import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';
import { cn } from './cn.ts';
import { Kbd } from './Kbd.tsx';

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

const popupClass = 'popup min-w-48 rounded-lg border border-line bg-raised p-1 text-sm shadow-popup outline-none';

function MenuItems({ entries }: { entries: MenuEntries }) {
  return entries.map((entry, index) =>
    entry === null ? (
      <BaseMenu.Separator key={`line-${index}`} className="my-1 h-px bg-line" />
    ) : (
      <BaseMenu.Item
        key={entry.label}
        disabled={entry.disabled ?? false}
        onClick={entry.onSelect}
        className={cn(
          'flex items-center gap-2 rounded-md px-2 py-1.5 outline-none select-none data-[disabled]:opacity-45 data-[highlighted]:bg-hover',
          entry.isDanger === true && 'text-danger',
        )}
      >
        <span className="flex w-4 justify-center text-muted">{entry.icon}</span>
        <span className="flex-1">
          {entry.label}
          {entry.hint !== undefined && <span className="block text-2xs text-faint">{entry.hint}</span>}
        </span>
        {entry.shortcut !== undefined && <Kbd keys={entry.shortcut} />}
      </BaseMenu.Item>
    ),
  );
}

interface MenuProps {
  trigger: ReactElement;
  entries: MenuEntries;
  align?: 'start' | 'end';
}

/** A drop-down menu on a button. */
export function Menu({ trigger, entries, align = 'end' }: MenuProps) {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner align={align} sideOffset={4} className="z-50 outline-none">
          <BaseMenu.Popup className={popupClass}>
            <MenuItems entries={entries} />
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
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
  const anchor = {
    getBoundingClientRect: () => DOMRect.fromRect({ x: at?.x ?? 0, y: at?.y ?? 0, width: 0, height: 0 }),
  };
  return (
    <BaseMenu.Root open={at !== null} onOpenChange={(open) => !open && onClose()} modal={false}>
      <BaseMenu.Portal>
        <BaseMenu.Positioner anchor={anchor} align="start" sideOffset={2} className="z-50 outline-none">
          <BaseMenu.Popup className={popupClass}>
            <MenuItems entries={entries} />
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}
