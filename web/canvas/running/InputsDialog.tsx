import { useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useEffect, useId, useMemo } from 'react';
import { useApp, useMe } from '../../api/context.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useWorkflow } from '../environment.ts';
import type { EditSession } from '../session/edit-session.ts';
import { askedInputs } from './input-form.ts';
import { InputsForm } from './InputsForm.tsx';
import { keptInputsOf } from './kept-inputs.ts';

/** Asks for the values of the workflow's inputs, and runs it with them. */
export function InputsDialog({ workflowId, session }: { workflowId: number; session: EditSession }) {
  const { api } = useApp();
  const formId = useId();
  const { data: me } = useMe();
  const isStarting = useWorkflow((state) => state.isStarting);
  const stopAsking = useWorkflow((state) => state.stopAsking);
  const runWithInputs = useWorkflow((state) => state.runWithInputs);
  // Whoever leaves the page by the browser's Back is not asked again on the way back.
  useEffect(() => stopAsking, [stopAsking]);
  const { data, error } = useQuery({
    queryKey: ['interface', workflowId],
    queryFn: async ({ signal }) => {
      await session.autosave.flush();
      return askedInputs((await api.getInterface(workflowId, signal)).inputs);
    },
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
  });
  const kept = useMemo(() => keptInputsOf(me?.id, workflowId), [me?.id, workflowId]);
  const run = async (inputs: Readonly<Record<string, unknown>>, tell: (refusal: unknown) => boolean) => {
    let isTold = false;
    await runWithInputs(inputs, (refusal) => (isTold = tell(refusal)));
    if (!isTold) stopAsking();
  };
  return (
    <Dialog
      open
      title="Run with inputs"
      width={520}
      onClose={stopAsking}
      footer={
        <>
          <Button onClick={stopAsking}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" disabled={data === undefined || isStarting}>
            <Play size={14} aria-hidden /> Run
          </Button>
        </>
      }
    >
      {error !== null && <p className="rounded-md bg-danger-soft px-3 py-2 text-danger">{error.message}</p>}
      {data === undefined && error === null && <div role="status" aria-label="Loading" className="skeleton h-16" />}
      {data !== undefined && (
        <InputsForm
          id={formId}
          asked={data}
          kept={kept}
          isStarting={isStarting}
          emptyText="The inputs cannot be filled in as they are marked. Run the workflow to see why at its nodes."
          onRun={run}
        />
      )}
    </Dialog>
  );
}
