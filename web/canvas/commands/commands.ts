import { createContext, use } from 'react';
import { arrangeCommands } from './arrange-commands.ts';
import type { CommandContext } from './command-context.ts';
import type { Command } from './command.ts';
import { editCommands } from './edit-commands.ts';
import { runCommands } from './run-commands.ts';
import { viewCommands } from './view-commands.ts';
import { workflowCommands } from './workflow-commands.ts';

/**
 * Everything that can be done on a canvas. Keys, menus, the command palette and
 * the list of shortcuts all read from it, so a command is added in one place: in
 * the file of its group.
 */
export function createCommands(context: CommandContext) {
  return {
    ...runCommands(context),
    ...editCommands(context),
    ...arrangeCommands(context),
    ...viewCommands(context),
    ...workflowCommands(context),
  };
}

/** The name of a command; one that does not exist does not compile. */
export type CommandId = keyof ReturnType<typeof createCommands>;

/** Commands about lists, which are there once a canvas has some. */
export type ListCommandId = 'list-first' | 'list-some' | 'list-retry' | 'list-pause' | 'list-cancel';

/** Every command by its id, in the order in which they are listed. */
export type Commands = Readonly<Record<CommandId, Command> & Partial<Record<ListCommandId, Command>>>;

/** Null where there is nothing to command, such as in the graph of a run. */
export const CommandsContext = createContext<Commands | null>(null);

/** The commands of the open workflow. Throws where there is nothing to command, such as in the graph of a run. */
export function useCommands(): Commands {
  const commands = use(CommandsContext);
  if (commands === null) throw new Error('This part works inside the editor of a workflow only.');
  return commands;
}
