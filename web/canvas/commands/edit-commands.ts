import { selectionName, type CommandContext } from './command-context.ts';
import { inGroup, type Command } from './command.ts';

/** What the browser does by itself: the page hears of it as an event of the clipboard. */
const native = { isNative: true, run: () => undefined } satisfies Partial<Command>;

/** Changing nodes, what is selected, and taking changes back. */
export function editCommands({ store, canEdit, facts, work, openPanel, report }: CommandContext) {
  const state = () => store.getState();
  const hasSelection = facts.selectedCount > 0;
  const { undoLabel, redoLabel } = facts;
  return inGroup('Edit', {
    undo: {
      title: undoLabel === null ? 'Undo' : `Undo ${lowerFirst(undoLabel)}`,
      keys: ['Mod+Z'],
      isEnabled: canEdit && undoLabel !== null,
      run: () => state().undo(),
    },
    redo: {
      title: redoLabel === null ? 'Redo' : `Redo ${lowerFirst(redoLabel)}`,
      keys: ['Mod+Shift+Z', 'Mod+Y'],
      isEnabled: canEdit && redoLabel !== null,
      run: () => state().redo(),
    },
    copy: { title: 'Copy', keys: ['Mod+C'], ...native },
    cut: { title: 'Cut', keys: ['Mod+X'], ...native },
    paste: { title: 'Paste nodes or files', keys: ['Mod+V'], ...native },
    duplicate: {
      title: 'Duplicate',
      keys: ['Mod+D'],
      isEnabled: canEdit && hasSelection,
      run: () => state().duplicateSelection(),
    },
    delete: {
      title: 'Delete',
      keys: ['Del', 'Backspace'],
      isEnabled: canEdit && (hasSelection || facts.isEdgeSelected),
      run: () => state().deleteSelection(),
    },
    'select-all': {
      title: 'Select all',
      keys: ['Mod+A'],
      isEnabled: !facts.isEmpty,
      run: () => state().selectNodes(state().nodes.map(({ id }) => id)),
    },
    'clear-selection': {
      title: 'Clear selection',
      keys: ['Escape'],
      isEnabled: hasSelection,
      run: () => state().selectNodes([]),
    },
    rename: {
      title: facts.isNoteSelected ? 'Edit this note' : 'Rename this node',
      keys: ['F2'],
      isEnabled: canEdit && facts.selectedCount === 1,
      run: () => state().editNode(state().selectedNodes[0] ?? null),
    },
    'toggle-off': {
      title: `Turn ${facts.isSelectionOff ? 'on' : 'off'} ${selectionName(facts)}`,
      keys: ['O'],
      isEnabled: canEdit && hasSelection,
      run: () => state().toggleOff(state().selectedNodes),
    },
    pack: {
      title: 'Make a workflow of the selection',
      keys: ['Shift+W'],
      isEnabled: canEdit && hasSelection,
      run: () => openPanel({ type: 'open-dialog', dialog: 'pack' }),
    },
    unpack: {
      title: 'Unpack the called workflow',
      keys: ['Shift+U'],
      isEnabled: canEdit && facts.isCallSelected,
      run: () => report(work.unpackCall(), 'Not unpacked'),
    },
    'quick-add': { title: 'Add a node', keys: ['N'], isEnabled: canEdit, run: work.quickAdd },
    note: { title: 'Add a sticky note', keys: ['Shift+N'], isEnabled: canEdit, run: work.addNote },
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
