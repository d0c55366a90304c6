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
      description="Another tab or person saved it since you opened it. Load their version (yours stays one step back), or save yours over it."
      // There is no third way: the question stays until it is answered.
      onClose={() => undefined}
      footer={
        <>
          <Button onClick={() => void session.autosave.takeTheirs().catch(fail('Not loaded'))}>Load theirs</Button>
          <Button variant="danger" onClick={() => void session.autosave.overwrite().catch(fail('Not saved'))}>
            Save mine over it
          </Button>
        </>
      }
    />
  );
}
