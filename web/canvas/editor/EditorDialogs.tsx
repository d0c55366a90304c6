import { useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { PartBoundary } from '../../shell/PartBoundary.tsx';
import { useWorkflow } from '../environment.ts';
import { useEditor } from './use-editor.ts';
import {
  CommandPalette,
  ConflictDialog,
  InputsDialog,
  ListDialogs,
  PackDialog,
  PlanDialog,
  ShortcutsDialog,
  VariantsDialog,
  WorkflowSettingsDialog,
} from './later.tsx';

/** What lies over the editor. */
export function EditorDialogs() {
  const { workflowId, session, panels, dispatch } = useEditor();
  const { dialog } = panels;
  const isInConflict = useStore(session.autosave.state, ({ status }) => status === 'conflict');
  const isAsking = useWorkflow((state) => state.isAsking);
  const close = () => dispatch({ type: 'close-dialog' });
  return (
    <PartBoundary
      name="This dialog"
      resetKey={dialog ?? isAsking}
      className="fixed right-4 bottom-4 z-40 w-80 rounded-lg border border-line bg-raised shadow-popup"
    >
      <FromFirst need={dialog === 'commands'}>
        <CommandPalette open={dialog === 'commands'} onClose={close} />
      </FromFirst>
      <FromFirst need={dialog === 'shortcuts'}>
        <ShortcutsDialog open={dialog === 'shortcuts'} onClose={close} />
      </FromFirst>
      {dialog === 'plan' && <PlanDialog workflowId={workflowId} session={session} onClose={close} />}
      {dialog === 'variants' && <VariantsDialog workflowId={workflowId} session={session} onClose={close} />}
      {dialog === 'pack' && <PackDialog workflowId={workflowId} session={session} onClose={close} />}
      {dialog === 'settings' && <WorkflowSettingsDialog session={session} onClose={close} />}
      {(dialog === 'elements' || dialog === 'cancel-list') && <ListDialogs dialog={dialog} onClose={close} />}
      {isAsking && <InputsDialog workflowId={workflowId} session={session} />}
      <FromFirst need={isInConflict}>
        <ConflictDialog session={session} />
      </FromFirst>
    </PartBoundary>
  );
}

/** Draws what is inside from the first time it is needed on, so that it can leave the screen by itself. */
function FromFirst({ need, children }: { need: boolean; children: ReactNode }) {
  const [wasNeeded, setWasNeeded] = useState(need);
  if (need && !wasNeeded) setWasNeeded(true);
  return wasNeeded ? children : null;
}
