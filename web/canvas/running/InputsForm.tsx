import { useEffect, useRef, useState } from 'react';
import { keysOf } from '../../ui/keys.ts';
import { errorsByName, firstValues, keptFrom, readForm, type AskedInput, type FormErrors } from './input-form.ts';
import { InputField } from './InputField.tsx';
import type { InputStore } from './kept-inputs.ts';

interface InputsFormProps {
  id: string;
  asked: readonly AskedInput[];
  kept: InputStore;
  isStarting: boolean;
  /** What stands in place of the fields where there are none. */
  emptyText: string;
  /** `tell` takes a refusal that is about fields of the form, and says whether it was. */
  onRun(inputs: Readonly<Record<string, unknown>>, tell: (refusal: unknown) => boolean): Promise<void>;
}

/** The form of the values of a run: what is wrong in it is told at its fields, before it runs and after. */
export function InputsForm({ id, asked, kept, isStarting, emptyText, onRun }: InputsFormProps) {
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
      {asked.length === 0 && <p className="text-muted">{emptyText}</p>}
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
