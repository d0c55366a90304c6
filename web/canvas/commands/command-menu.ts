import type { MenuEntries } from '../../ui/Menu.tsx';
import type { CommandId, Commands, ListCommandId } from './commands.ts';

/** Commands in a menu; null draws a line. */
export type CommandMenu = readonly (CommandId | ListCommandId | null)[];

/** What a right click on one node offers. */
export const nodeMenu: CommandMenu = [
  'run-selected',
  'run-from',
  'run-to',
  'variants',
  'list-first',
  'list-some',
  'list-retry',
  'list-pause',
  'list-cancel',
  null,
  'rename',
  'toggle-off',
  'duplicate',
  'group',
  'ungroup',
  'pack',
  'unpack',
  'fit-selection',
  null,
  'delete',
];

/** What a right click offers while several nodes are selected. */
export const manyMenu: CommandMenu = [
  'run-selected',
  'run-from',
  'run-to',
  null,
  'toggle-off',
  'duplicate',
  'group',
  'ungroup',
  'pack',
  null,
  'align-left',
  'align-top',
  'align-row',
  'align-column',
  null,
  'delete',
];

/** What a right click on the bare canvas offers. */
export const paneMenu: CommandMenu = [
  'quick-add',
  'note',
  'select-all',
  null,
  'tidy',
  'fit',
  'snap',
  null,
  'run-all',
  'run-plan',
];

/** Beside the Run button. */
export const runMenu: CommandMenu = [
  'run-all',
  'run-selected',
  'run-from',
  'run-to',
  'list-first',
  'list-some',
  null,
  'run-plan',
];

/** Above the pages of the app. */
export const appMenu: CommandMenu = [
  'commands',
  'shortcuts',
  'tidy',
  'export',
  'settings',
  'share',
  'batches',
  'triggers',
];

/** Commands as entries of a menu, each with its first key. What is about lists is left out where there is none to act on. */
export function menuEntries(commands: Commands, menu: CommandMenu): MenuEntries {
  return menu.flatMap((id) => {
    if (id === null) return [null];
    const command = commands[id];
    if (command === undefined || (id.startsWith('list-') && !command.isEnabled)) return [];
    const { title, isEnabled = true, keys, run } = command;
    return {
      label: title,
      disabled: !isEnabled,
      isDanger: id === 'delete',
      onSelect: run,
      ...(keys !== undefined && { shortcut: keys[0] }),
    };
  });
}
