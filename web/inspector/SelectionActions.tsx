import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalSpaceAround,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalSpaceAround,
  Copy,
  Group,
  Play,
  Trash2,
} from 'lucide-react';
import type { Alignment } from '../graph/align.ts';
import { useEnvironment, useWorkflow } from '../canvas/environment.ts';
import { Button, IconButton } from '../ui/Button.tsx';

const alignButtons: readonly [Alignment, string, typeof Copy][] = [
  ['left', 'Align left', AlignStartVertical],
  ['center', 'Align centres', AlignCenterVertical],
  ['right', 'Align right', AlignEndVertical],
  ['top', 'Align top', AlignStartHorizontal],
  ['middle', 'Align middles', AlignCenterHorizontal],
  ['bottom', 'Align bottom', AlignEndHorizontal],
  ['row', 'Spread in a row', AlignHorizontalSpaceAround],
  ['column', 'Spread in a column', AlignVerticalSpaceAround],
];

/** What can be done with several nodes at once. */
export function SelectionActions() {
  const { store, isReadOnly } = useEnvironment();
  const isRunnable = useWorkflow((state) => !state.isStarting);
  const { runSelectedNodes, alignSelection, groupSelection, duplicateSelection, deleteSelection } = store.getState();
  if (isReadOnly) return null;
  return (
    <div className="flex flex-col gap-3 p-4">
      <Button variant="primary" disabled={!isRunnable} onClick={() => void runSelectedNodes()}>
        <Play size={14} aria-hidden /> Run the selection
      </Button>
      <div role="group" aria-label="Align" className="grid grid-cols-8 gap-0.5 rounded-lg border border-line p-1">
        {alignButtons.map(([alignment, label, Drawing]) => (
          <IconButton key={alignment} label={label} onClick={() => alignSelection(alignment)}>
            <Drawing size={15} />
          </IconButton>
        ))}
      </div>
      <div className="grid grid-cols-3 gap-2">
        <Button onClick={groupSelection}>
          <Group size={14} aria-hidden /> Group
        </Button>
        <Button onClick={duplicateSelection}>
          <Copy size={14} aria-hidden /> Copy
        </Button>
        <Button onClick={deleteSelection}>
          <Trash2 size={14} aria-hidden /> Delete
        </Button>
      </div>
    </div>
  );
}
