import { useRef, useState } from 'react';
import { slugSchema } from '../../core/api/versions.ts';
import { useApp } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { versionsApi } from './versions-api.ts';

/** The name of a published workflow in addresses, which can be changed. */
export function SlugField({ workflowId, slug, onChanged }: { workflowId: number; slug: string; onChanged(): void }) {
  const { api } = useApp();
  const field = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(slug);
  const [refused, setRefused] = useState<string | null>(null);
  const isChanged = draft !== slug;
  const error = isChanged ? (slugSchema.safeParse(draft).error?.issues[0]?.message ?? refused ?? undefined) : undefined;
  const save = () => {
    versionsApi(api)
      .setSlug(workflowId, draft)
      .then(
        () => {
          // The button that has the focus goes.
          field.current?.focus();
          onChanged();
        },
        (refusal: Error) => setRefused(refusal.message),
      );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged && error === undefined) save();
      }}
    >
      <Field
        label="Name in addresses"
        error={error}
        hint={isChanged ? 'Addresses with the name before then lead nowhere.' : undefined}
        trailing={
          isChanged && (
            <Button type="submit" size="sm" disabled={error !== undefined}>
              Change
            </Button>
          )
        }
      >
        {({ id, describedBy, isInvalid }) => (
          <TextInput
            ref={field}
            id={id}
            aria-describedby={describedBy}
            aria-invalid={isInvalid}
            autoComplete="off"
            spellCheck={false}
            value={draft}
            onChange={(event) => {
              setDraft(event.target.value);
              setRefused(null);
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' || !isChanged) return;
              event.preventDefault();
              setDraft(slug);
            }}
          />
        )}
      </Field>
    </form>
  );
}
