import { Menu as BaseMenu } from '@base-ui/react/menu';
import { cn } from './cn.ts';
import { Kbd } from './Kbd.tsx';
import type { MenuEntries, MenuPopupProps } from './Menu.tsx';

/** The menu itself. */
export function MenuPopup({ open, anchor, entries, align, onClose }: MenuPopupProps) {
  const isPoint = 'x' in anchor;
  return (
    // A second click on a button closes its menu; one beside a menu at a point is meant for what lies there.
    <BaseMenu.Root open={open} onOpenChange={(next) => !next && onClose()} modal={!isPoint}>
      <BaseMenu.Portal>
        <BaseMenu.Positioner
          anchor={isPoint ? { getBoundingClientRect: () => DOMRect.fromRect(anchor) } : anchor}
          align={align}
          sideOffset={isPoint ? 2 : 4}
          className="z-50 outline-none"
        >
          <BaseMenu.Popup className="popup min-w-48 rounded-lg border border-line bg-raised p-1 text-sm shadow-popup outline-none">
            <MenuItems entries={entries} />
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

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
