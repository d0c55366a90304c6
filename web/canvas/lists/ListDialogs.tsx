import { useState } from 'react';
import { useStore } from 'zustand';
import { useApp } from '../../api/context.ts';
import { listPart } from '../../graph/list-part.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field, TextInput } from '../../ui/Field.tsx';
import { useEnvironment } from '../environment.ts';
import { CancelListDialog } from './CancelListDialog.tsx';
import { nameIn, selectedMapped, targetOf } from './list-target.ts';
import { readElements } from './list-words.ts';
import { runOnSome, steeringFailures, steerList } from './steer-list.ts';

/** What commands about lists ask for first. */
export function ListDialogs({ dialog, onClose }: { dialog: 'elements' | 'cancel-list'; onClose(): void }) {
  const { api, notify } = useApp();
  const { store, runs, catalogue } = useEnvironment();
  const part = useStore(listPart, (state) => state.part);
  // What it is about was chosen when it was opened; the run goes on meanwhile.
  const [about] = useState(() => {
    if (part === null) return null;
    const scene = { state: store.getState(), view: runs.api.getState().view, catalogue, part };
    const target = dialog === 'elements' ? null : targetOf(scene);
    const nodeId = target?.nodeId ?? selectedMapped(scene);
    return nodeId === null ? null : { nodeId, target, name: nameIn(scene, nodeId) };
  });
  if (about === null) return null;
  const { nodeId, target, name } = about;
  if (target === null) return <ElementsForm nodeId={nodeId} name={name} onClose={onClose} />;
  const cancel = () =>
    void steerList(api, target, 'cancel').catch((error: Error) =>
      notify({ title: steeringFailures.cancel, description: error.message, kind: 'error' }),
    );
  return <CancelListDialog name={name} onConfirm={cancel} onClose={onClose} />;
}

function ElementsForm({ nodeId, name, onClose }: { nodeId: string; name: string; onClose(): void }) {
  const { store } = useEnvironment();
  const [text, setText] = useState('1');
  const [isTold, setIsTold] = useState(false);
  const places = readElements(text);
  const wrong = typeof places === 'string' ? places : undefined;
  const run = () => {
    setIsTold(true);
    if (typeof places === 'string') return;
    onClose();
    void runOnSome(store.getState(), nodeId, { at: places });
  };
  return (
    <Dialog
      open
      title={`Run “${name}” on some elements`}
      description="All others are left out, so you can try the node before it goes through the whole list. What comes before it is reused from earlier runs."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" onClick={run}>
            Run on these
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Field label="Elements" hint="Numbers from 1, such as 5 or 2, 7-9" error={isTold ? wrong : undefined}>
          {({ id, describedBy, isInvalid }) => (
            <TextInput
              id={id}
              autoFocus
              value={text}
              aria-describedby={describedBy}
              aria-invalid={isInvalid}
              onFocus={(event) => event.currentTarget.select()}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
