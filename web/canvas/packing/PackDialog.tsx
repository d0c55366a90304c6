import { useState } from 'react';
import { useApp } from '../../api/context.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field, TextInput } from '../../ui/Field.tsx';
import { countOf } from '../../ui/format.ts';
import type { EditSession } from '../session/edit-session.ts';
import { packNodes } from './pack.ts';
import { messageOf } from '../../ui/message-of.ts';

/** Whose selection becomes a workflow. */
export interface PackDialogProps {
  readonly workflowId: number;
  readonly session: EditSession;
  onClose(): void;
}

/** Asks what the workflow is to be called that is made of the selection. */
export function PackDialog({ workflowId, session, onClose }: PackDialogProps) {
  const { api, notify } = useApp();
  const [nodeIds] = useState(() => session.store.getState().selectedNodes);
  const [name, setName] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const pack = async () => {
    setIsBusy(true);
    try {
      await packNodes({ api, store: session.store, workflowId }, nodeIds, name.trim());
      notify({ title: `"${name.trim()}" is now a workflow`, description: 'Undo brings the nodes back.', kind: 'info' });
      onClose();
    } catch (error) {
      setWrong(messageOf(error));
      setIsBusy(false);
    }
  };
  return (
    <Dialog
      open
      title="Make a workflow of the selection"
      description={`${countOf(nodeIds.length, 'node')} become a workflow of their own, published as version 1. One node that calls it takes their place.`}
      width={480}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={isBusy || name.trim() === ''} onClick={() => void pack()}>
            Make a workflow
          </Button>
        </>
      }
    >
      <Field label="Name" error={wrong ?? undefined}>
        {({ id, describedBy, isInvalid }) => (
          <TextInput
            id={id}
            aria-describedby={describedBy}
            aria-invalid={isInvalid}
            value={name}
            maxLength={255}
            autoFocus
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => event.key === 'Enter' && name.trim() !== '' && !isBusy && void pack()}
          />
        )}
      </Field>
    </Dialog>
  );
}
