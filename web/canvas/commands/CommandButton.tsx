import type { ReactNode } from 'react';
import { IconButton } from '../../ui/Button.tsx';
import { useCommands, type CommandId } from './commands.ts';

/** A command as a button with an icon; `label` is a shorter word than its title. */
export function CommandButton({ id, label, children }: { id: CommandId; label?: string; children: ReactNode }) {
  const { title, keys, isEnabled, isOn, run } = useCommands()[id];
  return (
    <IconButton
      label={label ?? title}
      disabled={isEnabled === false}
      onClick={run}
      {...(isOn !== undefined && { isPressed: isOn })}
      {...(keys !== undefined && { shortcut: keys[0] })}
    >
      {children}
    </IconButton>
  );
}
