import type { CommandContext } from './command-context.ts';
import { inGroup } from './command.ts';

/** The workflow as a whole. */
export function workflowCommands({ canEdit, canRun, facts, openPanel, work, report }: CommandContext) {
  return inGroup('Workflow', {
    save: {
      title: 'Save now',
      keys: ['Mod+S'],
      worksInFields: true,
      isEnabled: canEdit,
      run: () => report(work.save(), 'Not saved'),
    },
    export: {
      title: 'Export to a file',
      isEnabled: !facts.isEmpty,
      run: () => report(work.exportWorkflow(), 'Not exported'),
    },
    settings: {
      title: 'Workflow settings',
      isEnabled: canEdit,
      run: () => openPanel({ type: 'open-dialog', dialog: 'settings' }),
    },
    share: { title: 'Share with a link', isEnabled: canEdit, run: () => work.openLinks() },
    batches: { title: 'Run many times', isEnabled: canRun, run: () => work.openBatches() },
    triggers: { title: 'Triggers and callbacks', run: () => work.openTriggers() },
  });
}
