import { motionMs } from '../../ui/motion.ts';
import { fitOptions } from '../view/fit.ts';
import type { CommandContext } from './command-context.ts';
import { inGroup } from './command.ts';

/** What is seen, and what is open around the canvas. */
export function viewCommands(context: CommandContext) {
  const { store, flow, facts, openPanel } = context;
  const hasSelection = facts.selectedCount > 0;
  return inGroup('View', {
    fit: { title: 'Zoom to fit', keys: ['F'], run: () => void flow.fitView(fitOptions) },
    'fit-selection': {
      title: 'Zoom to selection',
      keys: ['Shift+F'],
      isEnabled: hasSelection,
      run: () =>
        void flow.fitView({
          nodes: store.getState().selectedNodes.map((id) => ({ id })),
          padding: 0.4,
          maxZoom: 1.4,
          duration: motionMs(200),
        }),
    },
    'zoom-in': { title: 'Zoom in', keys: ['+'], run: () => void flow.zoomIn({ duration: motionMs(120) }) },
    'zoom-out': { title: 'Zoom out', keys: ['-'], run: () => void flow.zoomOut({ duration: motionMs(120) }) },
    snap: {
      title: context.isSnapping ? 'Stop snapping to grid' : 'Snap to grid',
      keys: ['G'],
      isOn: context.isSnapping,
      run: () => openPanel({ type: 'toggle-snapping' }),
    },
    palette: {
      title: 'Show or hide the node list',
      keys: ['['],
      isOn: context.isPaletteOpen,
      run: () => openPanel({ type: 'toggle-palette' }),
    },
    inspector: {
      title: 'Show or hide the inspector',
      keys: [']'],
      isOn: context.isInspectorOpen,
      run: () => openPanel({ type: 'toggle-inspector' }),
    },
    inspect: {
      title: 'Go to the inspector',
      keys: ['I'],
      isEnabled: hasSelection,
      run: () => openPanel({ type: 'go-to-inspector' }),
    },
    runs: {
      title: 'Show or hide the runs',
      keys: ['R'],
      isOn: context.areRunsOpen,
      run: () => openPanel({ type: 'toggle-runs' }),
    },
    commands: {
      title: 'Find a command',
      keys: ['Mod+K'],
      worksInFields: true,
      run: () => openPanel({ type: 'open-dialog', dialog: 'commands' }),
    },
    shortcuts: {
      title: 'Show keyboard shortcuts',
      keys: ['?'],
      run: () => openPanel({ type: 'open-dialog', dialog: 'shortcuts' }),
    },
  });
}
