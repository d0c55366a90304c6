import { useReactFlow } from '@xyflow/react';
import { useMemo } from 'react';
import { isRunFinished } from '../../../core/run/status.ts';
import { useApp } from '../../api/context.ts';
import { indexNodes } from '../../graph/canvas-graph.ts';
import { alignments, type Alignment } from '../../graph/align.ts';
import { layoutNodes } from '../../graph/layout.ts';
import type { EditSession } from '../session/workflow-session.ts';
import type { Command } from './commands.ts';
import { fitOptions } from '../view/fit.ts';
import { useEnvironment, useShownRun, useWorkflow } from '../environment.ts';
import type { WorkflowStore } from '../../store/types.ts';
import { motionMs } from '../../ui/motion.ts';

const alignmentTitles: Record<Alignment, string> = {
  left: 'Align left',
  center: 'Align centres',
  right: 'Align right',
  top: 'Align top',
  middle: 'Align middles',
  bottom: 'Align bottom',
  row: 'Spread in a row',
  column: 'Spread in a column',
};

export interface CommandTargets {
  readonly session: EditSession;
  readonly isSnapping: boolean;
  setSnapping(isOn: boolean): void;
  togglePalette(): void;
  toggleInspector(): void;
  goToInspector(): void;
  toggleRuns(): void;
  openCommands(): void;
  openShortcuts(): void;
  openPlan(): void;
  quickAdd(): void;
  addNote(): void;
  exportWorkflow(): Promise<void>;
}

/** Everything that can be done on a canvas, in one list for keys, menus and the command palette. */
export function useCommands(targets: CommandTargets): readonly Command[] {
  const { api, notify } = useApp();
  const { store, isReadOnly } = useEnvironment();
  const flow = useReactFlow();
  const run = useShownRun();
  const selectedCount = useWorkflow((state) => state.selectedNodes.length);
  const isEdgeSelected = useWorkflow((state) => state.edges.some(({ selected }) => selected));
  const undoLabel = useWorkflow((state) => state.history.past.at(-1)?.label ?? null);
  const redoLabel = useWorkflow((state) => state.history.future.at(-1)?.label ?? null);
  const isSelectionOff = useWorkflow(({ nodes, selectedNodes }) => {
    const byId = indexNodes(nodes);
    return selectedNodes.length > 0 && selectedNodes.every((id) => byId.get(id)?.data['off'] === true);
  });
  const isNoteSelected = useWorkflow((state) => isAnySelected(state, 'note'));
  const isGroupSelected = useWorkflow((state) => isAnySelected(state, 'group'));
  const isEmpty = useWorkflow((state) => state.nodes.length === 0);
  const isStarting = useWorkflow((state) => state.isStarting);
  const isRunning = run !== null && !isRunFinished(run.status);

  return useMemo(() => {
    const state = () => store.getState();
    const canEdit = !isReadOnly;
    const hasSelection = selectedCount > 0;
    const selection = selectedCount === 1 ? 'this node' : 'the selection';
    const act = (work: Promise<unknown>, failure: string) =>
      void work.catch((error: unknown) =>
        notify({ title: failure, description: error instanceof Error ? error.message : String(error), kind: 'error' }),
      );
    const tidy = async () => {
      const { nodes, edges } = state();
      const positions = await layoutNodes(
        nodes.filter(({ type }) => type !== 'note'),
        edges,
      );
      state().moveNodes('Tidy up', positions);
      // After React has drawn the new positions.
      requestAnimationFrame(() => void flow.fitView(fitOptions));
    };
    const commands: Command[] = [
      {
        id: 'run-all',
        group: 'Run',
        title: 'Run the workflow',
        keys: 'Mod+Enter',
        worksInFields: true,
        isEnabled: canEdit && !isEmpty && !isStarting,
        run: () => void state().runWorkflow(),
      },
      {
        id: 'run-selected',
        group: 'Run',
        title: `Run ${selection}`,
        keys: 'Mod+Shift+Enter',
        worksInFields: true,
        isEnabled: canEdit && hasSelection,
        run: () => void state().runSelectedNodes(),
      },
      {
        id: 'run-from',
        group: 'Run',
        title: 'Run from here',
        isEnabled: canEdit && hasSelection,
        run: () => void state().runPart('from', state().selectedNodes),
      },
      {
        id: 'run-to',
        group: 'Run',
        title: 'Run up to here',
        isEnabled: canEdit && hasSelection,
        run: () => void state().runPart('to', state().selectedNodes),
      },
      {
        id: 'run-plan',
        group: 'Run',
        title: 'Show what a run would do',
        keys: 'Shift+P',
        isEnabled: canEdit && !isEmpty,
        run: targets.openPlan,
      },
      {
        id: 'run-cancel',
        group: 'Run',
        title: 'Cancel the run',
        keys: 'Mod+.',
        worksInFields: true,
        isEnabled: isRunning,
        run: () => run !== null && act(api.cancelRun(run.id), 'The run could not be cancelled'),
      },
      {
        id: 'undo',
        group: 'Edit',
        title: undoLabel === null ? 'Undo' : `Undo ${lowerFirst(undoLabel)}`,
        keys: 'Mod+Z',
        isEnabled: canEdit && undoLabel !== null,
        run: () => state().undo(),
      },
      {
        id: 'redo',
        group: 'Edit',
        title: redoLabel === null ? 'Redo' : `Redo ${lowerFirst(redoLabel)}`,
        keys: 'Mod+Shift+Z Mod+Y',
        isEnabled: canEdit && redoLabel !== null,
        run: () => state().redo(),
      },
      { id: 'copy', group: 'Edit', title: 'Copy', keys: 'Mod+C', isNative: true, run: () => undefined },
      { id: 'cut', group: 'Edit', title: 'Cut', keys: 'Mod+X', isNative: true, run: () => undefined },
      {
        id: 'paste',
        group: 'Edit',
        title: 'Paste nodes, pictures or videos',
        keys: 'Mod+V',
        isNative: true,
        run: () => undefined,
      },
      {
        id: 'duplicate',
        group: 'Edit',
        title: 'Duplicate',
        keys: 'Mod+D',
        isEnabled: canEdit && hasSelection,
        run: () => state().duplicateSelection(),
      },
      {
        id: 'delete',
        group: 'Edit',
        title: 'Delete',
        keys: 'Del Backspace',
        isEnabled: canEdit && (hasSelection || isEdgeSelected),
        run: () => state().deleteSelection(),
      },
      {
        id: 'select-all',
        group: 'Edit',
        title: 'Select everything',
        keys: 'Mod+A',
        isEnabled: !isEmpty,
        run: () => state().selectNodes(state().nodes.map(({ id }) => id)),
      },
      {
        id: 'clear-selection',
        group: 'Edit',
        title: 'Clear the selection',
        keys: 'Escape',
        isEnabled: hasSelection,
        run: () => state().selectNodes([]),
      },
      {
        id: 'rename',
        group: 'Edit',
        title: isNoteSelected ? 'Write on this note' : 'Rename this node',
        keys: 'F2',
        isEnabled: canEdit && selectedCount === 1,
        run: () => state().editNode(state().selectedNodes[0] ?? null),
      },
      {
        id: 'toggle-off',
        group: 'Edit',
        title: isSelectionOff ? `Turn on ${selection}` : `Turn off ${selection}`,
        keys: 'O',
        isEnabled: canEdit && hasSelection,
        run: () => state().toggleOff(state().selectedNodes),
      },
      { id: 'quick-add', group: 'Edit', title: 'Add a node', keys: 'N', isEnabled: canEdit, run: targets.quickAdd },
      {
        id: 'note',
        group: 'Edit',
        title: 'Add a sticky note',
        keys: 'Shift+N',
        isEnabled: canEdit,
        run: targets.addNote,
      },
      {
        id: 'group',
        group: 'Arrange',
        title: 'Group the selection',
        keys: 'Mod+G',
        isEnabled: canEdit && hasSelection,
        run: () => state().groupSelection(),
      },
      {
        id: 'ungroup',
        group: 'Arrange',
        title: 'Ungroup',
        keys: 'Mod+Shift+G',
        isEnabled: canEdit && isGroupSelected,
        run: () => state().ungroupSelection(),
      },
      ...alignments.map((alignment): Command => ({
        id: `align-${alignment}`,
        group: 'Arrange',
        title: alignmentTitles[alignment],
        isEnabled: canEdit && selectedCount > 1,
        run: () => state().alignSelection(alignment),
      })),
      {
        id: 'tidy',
        group: 'Arrange',
        title: 'Tidy up the whole workflow',
        keys: 'Shift+T',
        isEnabled: canEdit && !isEmpty,
        run: () => act(tidy(), 'The layout could not be computed'),
      },
      {
        id: 'fit',
        group: 'View',
        title: 'Show everything',
        keys: 'F',
        run: () => void flow.fitView(fitOptions),
      },
      {
        id: 'fit-selection',
        group: 'View',
        title: 'Show the selection',
        keys: 'Shift+F',
        isEnabled: hasSelection,
        run: () =>
          void flow.fitView({
            nodes: state().selectedNodes.map((id) => ({ id })),
            padding: 0.4,
            maxZoom: 1.4,
            duration: motionMs(200),
          }),
      },
      {
        id: 'zoom-in',
        group: 'View',
        title: 'Zoom in',
        keys: '+',
        run: () => void flow.zoomIn({ duration: motionMs(120) }),
      },
      {
        id: 'zoom-out',
        group: 'View',
        title: 'Zoom out',
        keys: '-',
        run: () => void flow.zoomOut({ duration: motionMs(120) }),
      },
      {
        id: 'snap',
        group: 'View',
        title: targets.isSnapping ? 'Stop snapping to the grid' : 'Snap to the grid',
        keys: 'G',
        run: () => targets.setSnapping(!targets.isSnapping),
      },
      { id: 'palette', group: 'View', title: 'Show or hide the nodes', keys: '[', run: targets.togglePalette },
      { id: 'inspector', group: 'View', title: 'Show or hide the inspector', keys: ']', run: targets.toggleInspector },
      {
        id: 'inspect',
        group: 'View',
        title: 'Go to the inspector',
        keys: 'I',
        isEnabled: hasSelection,
        run: targets.goToInspector,
      },
      { id: 'runs', group: 'View', title: 'Show or hide the runs', keys: 'R', run: targets.toggleRuns },
      {
        id: 'commands',
        group: 'View',
        title: 'Find a command',
        keys: 'Mod+K',
        worksInFields: true,
        run: targets.openCommands,
      },
      { id: 'shortcuts', group: 'View', title: 'Show all shortcuts', keys: '?', run: targets.openShortcuts },
      {
        id: 'save',
        group: 'Workflow',
        title: 'Save now',
        keys: 'Mod+S',
        worksInFields: true,
        isEnabled: canEdit,
        run: () => act(targets.session.autosave.flush(), 'Not saved'),
      },
      {
        id: 'export',
        group: 'Workflow',
        title: 'Export as a file',
        isEnabled: !isEmpty,
        run: () => act(targets.exportWorkflow(), 'Not exported'),
      },
    ];
    return commands;
  }, [
    api,
    notify,
    store,
    flow,
    isReadOnly,
    run,
    isRunning,
    selectedCount,
    isEdgeSelected,
    isSelectionOff,
    isNoteSelected,
    isGroupSelected,
    undoLabel,
    redoLabel,
    isEmpty,
    isStarting,
    targets,
  ]);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function isAnySelected({ nodes, selectedNodes }: WorkflowStore, type: 'note' | 'group'): boolean {
  return nodes.some((node) => node.type === type && selectedNodes.includes(node.id));
}
