import { useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { useApp, useMe } from '../../api/context.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { keysOf } from '../../ui/keys.ts';
import { useWorkflow } from '../environment.ts';
import type { EditSession } from '../session/edit-session.ts';
import {
  askedInputs,
  errorsByName,
  firstValues,
  keptFrom,
  readForm,
  type AskedInput,
  type FormErrors,
} from './input-form.ts';
import { InputField } from './InputField.tsx';
import { keptInputsOf, type InputStore } from './kept-inputs.ts';

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
      {data !== undefined && <InputsForm id={formId} asked={data} kept={kept} isStarting={isStarting} onRun={run} />}
    </Dialog>
  );
}

interface InputsFormProps {
  id: string;
  asked: readonly AskedInput[];
  kept: InputStore;
  isStarting: boolean;
  /** `tell` takes a refusal that is about fields of the form, and says whether it was. */
  onRun(inputs: Readonly<Record<string, unknown>>, tell: (refusal: unknown) => boolean): Promise<void>;
}

function InputsForm({ id, asked, kept, isStarting, onRun }: InputsFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(() => firstValues(asked, kept.read()));
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [errors]);
  const submit = () => {
    if (isStarting) return;
    const { inputs, errors: wrong } = readForm(asked, values);
    const waiting = [...busy].map((name) => [name, 'The file is still being uploaded.'] as const);
    const found = { ...wrong, ...Object.fromEntries(waiting) };
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    kept.write(keptFrom(asked, inputs));
    void onRun(inputs, (refusal) => {
      const told = errorsByName(asked, refusal);
      if (told !== null) setErrors(told);
      return told !== null;
    });
  };
  const change = (name: string, value: unknown) => {
    setValues((before) => ({ ...before, [name]: value }));
    if (!Object.hasOwn(errors, name)) return;
    const { [name]: _mended, ...rest } = errors;
    setErrors(rest);
  };
  return (
    <form
      ref={form}
      id={id}
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (keysOf(event.nativeEvent) !== 'Mod+Enter') return;
        event.preventDefault();
        submit();
      }}
    >
      {asked.length === 0 && (
        <p className="text-muted">
          No input can be filled in as they are marked now. Run the workflow to see why at its nodes.
        </p>
      )}
      {asked.map((input, index) => (
        <InputField
          key={input.field.name}
          input={input}
          value={values[input.field.name]}
          error={errors[input.field.name]}
          hasFocus={index === 0}
          onChange={(value) => change(input.field.name, value)}
          onBusy={(isBusy) =>
            setBusy((before) => {
              const next = new Set(before);
              if (isBusy) next.add(input.field.name);
              else next.delete(input.field.name);
              return next;
            })
          }
        />
      ))}
    </form>
  );
}
