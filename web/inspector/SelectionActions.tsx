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
import { CommandButton } from '../canvas/commands/CommandButton.tsx';
import { useCommands } from '../canvas/commands/commands.ts';
import { useEnvironment } from '../canvas/environment.ts';
import { Button } from '../ui/Button.tsx';

const alignButtons = [
  ['align-left', AlignStartVertical],
  ['align-center', AlignCenterVertical],
  ['align-right', AlignEndVertical],
  ['align-top', AlignStartHorizontal],
  ['align-middle', AlignCenterHorizontal],
  ['align-bottom', AlignEndHorizontal],
  ['align-row', AlignHorizontalSpaceAround],
  ['align-column', AlignVerticalSpaceAround],
] as const;

/** What can be done with several nodes at once. */
export function SelectionActions() {
  const { isReadOnly } = useEnvironment();
  const commands = useCommands();
  if (isReadOnly) return null;
  const runSelected = commands['run-selected'];
  return (
    <div className="flex flex-col gap-3 p-4">
      <Button variant="primary" disabled={runSelected.isEnabled === false} onClick={runSelected.run}>
        <Play size={14} aria-hidden /> {runSelected.title}
      </Button>
      <div role="group" aria-label="Align" className="grid grid-cols-8 gap-0.5 rounded-lg border border-line p-1">
        {alignButtons.map(([id, Drawing]) => (
          <CommandButton key={id} id={id}>
            <Drawing size={15} />
          </CommandButton>
        ))}
      </div>
      <div className="grid grid-cols-[auto_auto_auto] gap-2 [&>button]:px-2 [&_svg]:shrink-0">
        <Button onClick={commands.group.run}>
          <Group size={14} aria-hidden /> Group
        </Button>
        <Button onClick={commands.duplicate.run}>
          <Copy size={14} aria-hidden /> Duplicate
        </Button>
        <Button onClick={commands.delete.run}>
          <Trash2 size={14} aria-hidden /> Delete
        </Button>
      </div>
    </div>
  );
}
