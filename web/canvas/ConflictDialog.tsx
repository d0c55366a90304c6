import { useStore } from 'zustand';
import { useApp } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import type { WorkflowSession } from './workflow-session.ts';

/** Somebody else saved in between: take theirs, or save over it. */
export function ConflictDialog({ session }: { session: WorkflowSession }) {
  const { notify } = useApp();
  const status = useStore(session.autosave!.state, (state) => state.status);
  return (
    <Dialog
      open={status === 'conflict'}
      title="This workflow was changed elsewhere"
      description="Another tab or person saved it since you opened it. Load their version, or save yours over it."
      // There is no third way: the question stays until it is answered.
      onClose={() => undefined}
      footer={
        <>
          <Button onClick={() => location.reload()}>Load theirs</Button>
          <Button
            variant="danger"
            onClick={() => {
              session
                .autosave!.overwrite()
                .catch((error: Error) => notify({ title: 'Not saved', description: error.message, kind: 'error' }));
            }}
          >
            Save mine over it
          </Button>
        </>
      }
    />
  );
}
