import { Dialog } from '../../ui/Dialog.tsx';
import { Kbd } from '../../ui/Kbd.tsx';
import { useCommands } from './commands.ts';

const pointer: readonly [string, string][] = [
  ['Scroll', 'Zoom'],
  ['Drag the canvas', 'Pan'],
  ['Shift and drag', 'Select an area'],
  ['Shift and click', 'Add to the selection'],
  ['Double-click the canvas', 'Add a node there'],
  ['Drop a connection on the canvas', 'Add a compatible node'],
  ['Drop or paste a file', 'Add it as a node'],
];

/** Every shortcut, by group. */
export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const commands = Object.entries(useCommands()).flatMap(([id, { title, group, keys }]) =>
    keys === undefined ? [] : [{ id, title, group, keys }],
  );
  const groups = Map.groupBy(commands, ({ group }) => group);
  return (
    <Dialog open={open} title="Keyboard shortcuts" width={720} onClose={onClose}>
      <div className="gap-8 pb-3 sm:columns-2">
        {[...groups].map(([group, members]) => (
          <section key={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-xs font-semibold text-faint">{group}</h3>
            <dl>
              {members.map((command) => (
                <div key={command.id} className="flex items-center justify-between gap-3 py-1">
                  <dt>{command.title}</dt>
                  <dd className="flex gap-2">
                    {command.keys.map((keys) => (
                      <Kbd key={keys} keys={keys} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section className="mb-4 break-inside-avoid">
          <h3 className="mb-1 text-xs font-semibold text-faint">Pointer</h3>
          <dl>
            {pointer.map(([gesture, effect]) => (
              <div key={gesture} className="flex items-center justify-between gap-3 py-1">
                <dt>{effect}</dt>
                <dd className="text-xs text-muted">{gesture}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
