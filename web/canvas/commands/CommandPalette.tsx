import { useMemo, useState } from 'react';
import { cn } from '../../ui/cn.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Kbd } from '../../ui/Kbd.tsx';
import type { Command } from './command.ts';
import { useCommands } from './commands.ts';

/** Every command by name. */
export function CommandPalette({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <Dialog open={open} title="Commands" description="Type to find a command" width={520} isBare onClose={onClose}>
      <CommandList onClose={onClose} />
    </Dialog>
  );
}

function CommandList({ onClose }: { onClose(): void }) {
  const commands = useCommands();
  const [search, setSearch] = useState('');
  const [active, setActive] = useState(0);
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    return Object.entries(commands)
      .map(([id, command]) => ({ id, ...command }))
      .filter(
        ({ title, group, isNative, isEnabled }) =>
          isNative !== true &&
          isEnabled !== false &&
          words.every((word) => `${title} ${group}`.toLowerCase().includes(word)),
      );
  }, [commands, search]);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    // After the dialog has given the focus back.
    requestAnimationFrame(() => command.run());
  };
  return (
    <>
      <input
        autoFocus
        role="combobox"
        aria-label="Command"
        aria-expanded="true"
        aria-controls="command-list"
        aria-activedescendant={found[active] === undefined ? undefined : `command-${found[active].id}`}
        placeholder="What do you want to do?"
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setActive(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setActive((index) => Math.min(found.length - 1, index + 1));
          else if (event.key === 'ArrowUp') setActive((index) => Math.max(0, index - 1));
          else if (event.key === 'Enter') run(found[active]);
          else return;
          event.preventDefault();
        }}
        className="sticky top-0 h-12 w-full border-b border-line bg-surface px-4 text-base outline-none"
      />
      <ul id="command-list" role="listbox" aria-label="Commands" className="max-h-90 overflow-y-auto p-1.5">
        {found.map((command, index) => (
          <li
            key={command.id}
            id={`command-${command.id}`}
            ref={(item) => {
              if (index === active) item?.scrollIntoView({ block: 'nearest' });
            }}
            role="option"
            aria-selected={index === active}
            onPointerMove={() => setActive(index)}
            onClick={() => run(command)}
            className={cn('flex items-center gap-3 rounded-md px-2.5 py-1.5', index === active && 'bg-hover')}
          >
            <span className="flex-1">{command.title}</span>
            <span className="text-2xs text-faint">{command.group}</span>
            {command.keys !== undefined && <Kbd keys={command.keys[0]} />}
          </li>
        ))}
        {found.length === 0 && <li className="px-2.5 py-4 text-center text-muted">No matching command.</li>}
      </ul>
    </>
  );
}
