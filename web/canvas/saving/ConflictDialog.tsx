import { useStore } from 'zustand';
import { useApp } from '../../api/context.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import type { EditSession } from '../session/edit-session.ts';

/** Somebody else saved in between: take theirs, or save over it. */
export function ConflictDialog({ session }: { session: EditSession }) {
  const { notify } = useApp();
  const status = useStore(session.autosave.state, (state) => state.status);
  const fail = (title: string) => (error: Error) => notify({ title, description: error.message, kind: 'error' });
  return (
    <Dialog
      open={status === 'conflict'}
      title="This workflow was changed elsewhere"
      description="Someone saved it in another tab since you opened it. Load their version (you can get yours back with Undo), or overwrite it with yours."
      // There is no third way: the question stays until it is answered.
      onClose={() => undefined}
      footer={
        <>
          <Button onClick={() => void session.autosave.takeTheirs().catch(fail('Not loaded'))}>
            Load their version
          </Button>
          <Button variant="danger" onClick={() => void session.autosave.overwrite().catch(fail('Not saved'))}>
            Overwrite with mine
          </Button>
        </>
      }
    />
  );
}
