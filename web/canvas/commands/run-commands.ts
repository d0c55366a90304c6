import { selectionName, type CommandContext } from './command-context.ts';
import { inGroup } from './command.ts';

/** Running the workflow, or a part of it. */
export function runCommands(context: CommandContext) {
  const { store, canEdit, canRun, canRunParts, canCancel, facts, activeRun, openPanel, work, report } = context;
  const state = () => store.getState();
  const isPartReady = canRunParts && facts.selectedCount > 0 && !facts.isStarting;
  return inGroup('Run', {
    'run-all': {
      title: 'Run the workflow',
      keys: ['Mod+Enter'],
      worksInFields: true,
      isEnabled: canRun && !facts.isEmpty && !facts.isStarting,
      run: () => void state().runWorkflow(),
    },
    'run-selected': {
      title: `Run ${selectionName(facts)}`,
      keys: ['Mod+Shift+Enter'],
      worksInFields: true,
      isEnabled: isPartReady,
      run: () => void state().runSelectedNodes(),
    },
    'run-from': {
      title: 'Run from here',
      isEnabled: isPartReady,
      run: () => void state().runPart('from', state().selectedNodes),
    },
    'run-to': {
      title: 'Run up to here',
      isEnabled: isPartReady,
      run: () => void state().runPart('to', state().selectedNodes),
    },
    variants: {
      title: 'Try variants of this node',
      keys: ['V'],
      isEnabled: canEdit && isPartReady && facts.selectedCount === 1 && !facts.isNoteSelected && !facts.isGroupSelected,
      run: () => openPanel({ type: 'open-dialog', dialog: 'variants' }),
    },
    'run-plan': {
      title: 'Preview the run',
      keys: ['Shift+P'],
      isEnabled: canRunParts && !facts.isEmpty,
      run: () => openPanel({ type: 'open-dialog', dialog: 'plan' }),
    },
    'run-cancel': {
      title: 'Cancel the run',
      keys: ['Mod+.'],
      worksInFields: true,
      isEnabled: canCancel && activeRun !== null,
      run: () => {
        if (activeRun !== null) report(work.cancelRun(activeRun), 'The run could not be canceled');
      },
    },
  });
}
