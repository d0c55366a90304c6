import { useId, useMemo, useState, type FormEvent } from 'react';
import { ApiError } from '../api/api-error.ts';
import { InputField } from '../canvas/running/InputField.tsx';
import { askedInputs, errorsByName, firstValues, readForm, type FormErrors } from '../canvas/running/input-form.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { Switch } from '../ui/Switch.tsx';
import type { NewLink as NewLinkBody } from './links-api.ts';

const day = 86_400_000;
const lives = [
  { value: '1', label: 'For a day' },
  { value: '7', label: 'For a week' },
  { value: '30', label: 'For 30 days' },
  { value: '365', label: 'For a year' },
  { value: '', label: 'Until I end it' },
];

interface NewLinkProps {
  /** JSON Schema of the workflow's inputs. */
  inputs: Readonly<Record<string, unknown>>;
  onClose(): void;
  /** What it throws is shown. */
  onMake(body: NewLinkBody): Promise<void>;
}

/** Makes a link: for how long, for how many runs, and what may be filled in by whoever has it. */
export function NewLink({ inputs, onClose, onMake }: NewLinkProps) {
  const formId = useId();
  const asked = useMemo(() => askedInputs(inputs), [inputs]);
  const [name, setName] = useState('');
  const [days, setDays] = useState('30');
  const [most, setMost] = useState('100');
  const [fixedNames, setFixedNames] = useState<ReadonlySet<string>>(new Set());
  const [values, setValues] = useState(() => firstValues(asked, {}));
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  const [errors, setErrors] = useState<FormErrors>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const fixing = asked.filter(({ field }) => fixedNames.has(field.name));
  const runs = most.trim() === '' ? null : Number(most);
  const mostError =
    runs !== null && !(Number.isInteger(runs) && runs >= 1) ? 'Enter a whole number of 1 or more.' : undefined;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSaving || mostError !== undefined) return;
    // A fixed value is kept also where it is that of the workflow by now.
    const required = fixing.map((input) => ({ ...input, isRequired: true }));
    const { inputs: fixed, errors: wrong } = readForm(required, values);
    const waiting = [...busy]
      .filter((one) => fixedNames.has(one))
      .map((one) => [one, 'The file is still being uploaded.']);
    const found: FormErrors = { ...wrong, ...Object.fromEntries(waiting) };
    setErrors(found);
    setProblem(null);
    if (Object.keys(found).length > 0) return;
    setIsSaving(true);
    try {
      await onMake({
        ...(name.trim() !== '' && { name }),
        expiresAt: days === '' ? null : new Date(Date.now() + Number(days) * day).toISOString(),
        maxRuns: runs,
        fixed,
        inputs: fixing.length === 0 ? null : asked.map(({ field }) => field.name).filter((one) => !fixedNames.has(one)),
      });
    } catch (refusal) {
      const told = errorsByName(fixing, refusal);
      if (told === null) setProblem(refusal instanceof ApiError ? refusal.message : String(refusal));
      else setErrors(told);
      setIsSaving(false);
    }
  };
  const fix = (one: string, isFixed: boolean) =>
    setFixedNames((before) => new Set(isFixed ? [...before, one] : [...before].filter((other) => other !== one)));
  return (
    <Dialog
      open
      title="New link"
      width={520}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} variant="primary" disabled={isSaving}>
            Make link
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
        <Field label="Who it is for" hint="Only you and your workspace see this.">
          {({ id, describedBy }) => (
            <TextInput
              id={id}
              aria-describedby={describedBy}
              autoFocus
              maxLength={200}
              value={name}
              placeholder="Kim in marketing"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Select label="How long it works" value={days} groups={[{ options: lives }]} onChange={setDays} />
        <Field label="Runs" hint="How many runs it allows. Leave empty for no limit of its own." error={mostError}>
          {({ id, describedBy, isInvalid }) => (
            <TextInput
              id={id}
              aria-describedby={describedBy}
              aria-invalid={isInvalid}
              inputMode="numeric"
              value={most}
              onChange={(event) => setMost(event.target.value)}
            />
          )}
        </Field>
        {asked.length > 0 && (
          <fieldset className="flex flex-col gap-2">
            <legend className="mb-1 text-xs font-medium text-muted">What they fill in</legend>
            {asked.map((input) => {
              const { name: one, title } = input.field;
              const isFixed = fixedNames.has(one);
              return (
                <div key={one} className="rounded-md border border-line px-3 py-2">
                  <div className="flex items-center gap-3">
                    <span className="min-w-0 flex-1 break-words">
                      {title} <span className="text-xs text-faint">{isFixed ? 'fixed' : 'they fill it in'}</span>
                    </span>
                    <Switch
                      label={`They fill in ${title}`}
                      checked={!isFixed}
                      onChange={(isOpen) => fix(one, !isOpen)}
                    />
                  </div>
                  {isFixed && (
                    <InputField
                      input={input}
                      value={values[one]}
                      error={errors[one]}
                      hasFocus={false}
                      onChange={(value) => setValues((before) => ({ ...before, [one]: value }))}
                      onBusy={(isBusy) =>
                        setBusy((before) => new Set(isBusy ? [...before, one] : [...before].filter((x) => x !== one)))
                      }
                    />
                  )}
                </div>
              );
            })}
          </fieldset>
        )}
        {problem !== null && (
          <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  );
}
