import { useState, type FormEvent } from 'react';
import type { WebhookTrigger } from '../../core/api/webhooks.ts';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import type { TriggerTools } from './use-triggers.ts';

/** Which part of a delivery each input of the workflow gets. */
export function MappingForm({
  webhook,
  inputs,
  tools,
  canChange,
}: {
  webhook: WebhookTrigger;
  inputs: Readonly<Record<string, unknown>>;
  tools: TriggerTools;
  canChange: boolean;
}) {
  const known = Object.keys((inputs['properties'] ?? {}) as object);
  const names = [...new Set([...known, ...Object.keys(webhook.mapping)])];
  const [mapping, setMapping] = useState<Readonly<Record<string, string>>>(webhook.mapping);
  if (names.length === 0) return null;
  const given = Object.fromEntries(
    Object.entries(mapping).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, text.trim()]])),
  );
  const isSame = JSON.stringify(given) === JSON.stringify(webhook.mapping);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void tools.attempt(tools.api.change(webhook.id, { mapping: given }), 'The mapping could not be saved');
  };
  return (
    <form onSubmit={onSubmit} aria-label="Mapping" className="mt-3 flex flex-col gap-2">
      <p className="text-xs text-muted">
        Inputs from the delivery: JMESPath over <code>body</code>, <code>query</code>, <code>headers</code> and, of
        forms, <code>files</code>.
      </p>
      {names.map((name) => (
        <Field key={name} label={name}>
          {({ id }) => (
            <TextInput
              id={id}
              value={mapping[name] ?? ''}
              disabled={!canChange}
              maxLength={300}
              placeholder={`e.g. body.${name}`}
              className="font-mono text-xs"
              onChange={(event) => setMapping({ ...mapping, [name]: event.target.value })}
            />
          )}
        </Field>
      ))}
      {canChange && (
        <Button type="submit" size="sm" className="self-start" disabled={isSame}>
          Save mapping
        </Button>
      )}
    </form>
  );
}
