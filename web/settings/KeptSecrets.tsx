import { useState, type ComponentProps, type FormEvent, type ReactNode } from 'react';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';

/** Why nothing can be kept: no key to encrypt it with. `what` begins the sentence, such as `Keys`. */
export function NoSecretsKey({ what, children }: { what: string; children?: ReactNode }) {
  return (
    <>
      {what} cannot be saved yet because they are encrypted with <code>SECRETS_KEY</code>. Whoever runs the server puts
      one of at least 32 characters into the environment of servers and workers and starts them again.{children}
    </>
  );
}

interface KeptListProps {
  readonly label: string;
  /** Where the rows come from. */
  readonly from: { readonly isPending: boolean; readonly error: Error | null };
  /** The rows: `KeptRow`s. */
  readonly children: ReactNode;
}

/** What is kept, or that it is still being asked for, or why it cannot be shown. */
export function KeptList({ label, from, children }: KeptListProps) {
  return (
    <ul aria-label={label} className="flex flex-col">
      {children}
      {from.isPending && <li className="skeleton h-10" />}
      {from.error !== null && <li className="text-danger">{from.error.message}</li>}
    </ul>
  );
}

/** One of them: a sign, what it is called and a word on it, then buttons. */
export function KeptRow({ sign, name, note, children }: Record<'sign' | 'name' | 'note' | 'children', ReactNode>) {
  return (
    <li className="flex items-center gap-3 border-b border-line py-2 last:border-0">
      {sign}
      <span className="min-w-0 flex-1">
        {name}
        <span className="block truncate text-xs text-muted">{note}</span>
      </span>
      {children}
    </li>
  );
}

interface KeepDialogProps {
  readonly title: string;
  readonly description: string;
  /** Whether all fields are filled in. */
  readonly isComplete: boolean;
  /** Rejects with what is wrong, which is shown below the fields. */
  save(): Promise<unknown>;
  onSaved(): void;
  onClose(): void;
  /** The fields. */
  readonly children: ReactNode;
}

/** Asks for something to keep: saves it and closes, or says why that was not possible. */
export function KeepDialog({ title, description, isComplete, save, onSaved, onClose, children }: KeepDialogProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);

  function submit(event: FormEvent) {
    event.preventDefault();
    setSaving(true);
    setProblem(null);
    save().then(
      () => {
        onSaved();
        onClose();
      },
      (error: Error) => {
        setProblem(error.message);
        setSaving(false);
      },
    );
  }

  return (
    <Dialog
      open
      title={title}
      description={description}
      width={480}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form="keep" disabled={isSaving || !isComplete}>
            Save
          </Button>
        </>
      }
    >
      <form id="keep" className="flex flex-col gap-3" onSubmit={submit}>
        {children}
        {problem !== null && (
          <p role="alert" className="text-xs text-danger">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  );
}

interface KeptFieldProps extends Pick<ComponentProps<'input'>, 'required' | 'placeholder'> {
  readonly label: string;
  readonly value: string;
  /** Shown as dots, and not remembered by the browser. Default false. */
  readonly isSecret?: boolean;
  /** Below the field. */
  readonly hint?: string;
  onChange(value: string): void;
}

/** A line of text in the dialog. */
export function KeptField({ label, isSecret = false, hint, onChange, ...input }: KeptFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {({ id, describedBy }) => (
        <TextInput
          {...input}
          id={id}
          aria-describedby={describedBy}
          {...(isSecret && { type: 'password', autoComplete: 'off' })}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
