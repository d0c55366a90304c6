import { CircleCheck, CircleDashed } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { OwnKeyProvider, ProviderKeys } from '../../core/api/provider-keys.ts';
import { queryKeys, useApp, useProviderKeys } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog, Dialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Section, sectionAddress } from './Section.tsx';

type OwnKey = ProviderKeys['items'][number];

/** The user's own keys for model providers: saved and deleted, never shown. */
export function OwnKeys() {
  const { api, queries, notify } = useApp();
  const keys = useProviderKeys();
  const [editing, setEditing] = useState<OwnKey | null>(null);
  const [removing, setRemoving] = useState<OwnKey | null>(null);
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: queryKeys.providerKeys });
    void queries.invalidateQueries({ queryKey: queryKeys.models });
  };
  const remove = (provider: OwnKeyProvider) =>
    api
      .deleteProviderKey(provider)
      .then(refresh, (error: Error) => notify({ title: 'Not deleted', description: error.message, kind: 'error' }));
  const isAvailable = keys.data?.available !== false;
  return (
    <Section
      title="Your provider keys"
      description={
        isAvailable ? (
          'Your nodes use these instead of the server’s keys. They are stored encrypted and are never shown again.'
        ) : (
          <>
            Keys cannot be saved yet because they are encrypted with <code>SECRETS_KEY</code>. Whoever runs the server
            puts one of at least 32 characters into the environment of servers and workers and starts them again. A key
            for everybody needs none: see{' '}
            <a href={sectionAddress('Model providers')} className="underline">
              Model providers
            </a>
            .
          </>
        )
      }
    >
      <ul aria-label="Your provider keys" className="flex flex-col">
        {keys.data?.items.map((key) => (
          <li key={key.provider} className="flex items-center gap-3 border-b border-line py-2 last:border-0">
            {key.isSet ? (
              <CircleCheck size={16} aria-hidden className="text-status-completed" />
            ) : (
              <CircleDashed size={16} aria-hidden className="text-faint" />
            )}
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{key.title}</span>
              <span className="block truncate text-xs text-muted">
                {key.isSet ? `Saved${key.baseUrl === null ? '' : ` for ${key.baseUrl}`}` : 'No key'}
              </span>
            </span>
            {key.isSet && (
              <Button size="sm" onClick={() => setRemoving(key)}>
                Delete
              </Button>
            )}
            <Button size="sm" disabled={!isAvailable} onClick={() => setEditing(key)}>
              {key.isSet ? 'Replace' : 'Add'}
            </Button>
          </li>
        ))}
        {keys.isPending && <li className="skeleton h-10" />}
        {keys.error !== null && <li className="text-danger">{keys.error.message}</li>}
      </ul>
      {editing !== null && <KeyDialog provider={editing} onClose={() => setEditing(null)} onSaved={refresh} />}
      <ConfirmDialog
        open={removing !== null}
        title={`Delete your key for ${removing?.title}?`}
        description="Your nodes will use the server’s key, if it has one."
        confirmLabel="Delete key"
        onClose={() => setRemoving(null)}
        onConfirm={() => removing !== null && remove(removing.provider)}
      />
    </Section>
  );
}

interface KeyDialogProps {
  readonly provider: OwnKey;
  onClose(): void;
  onSaved(): void;
}

function KeyDialog({ provider, onClose, onSaved }: KeyDialogProps) {
  const { api } = useApp();
  const hasAddress = provider.provider === 'openai';
  const [key, setKey] = useState('');
  const [baseUrl, setBaseUrl] = useState(provider.baseUrl ?? '');
  const [models, setModels] = useState(provider.models.join(', '));
  const [problem, setProblem] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);

  function save(event: FormEvent) {
    event.preventDefault();
    setSaving(true);
    setProblem(null);
    const names = models.split(',').map((name) => name.trim());
    api
      .saveProviderKey(provider.provider, {
        key: key.trim(),
        models: names.filter((name) => name !== ''),
        ...(hasAddress ? { baseUrl: baseUrl.trim() } : {}),
      })
      .then(
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
      title={`Your key for ${provider.title}`}
      description="It is sent only to this provider."
      width={480}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form="own-key" disabled={isSaving || key.trim() === ''}>
            Save
          </Button>
        </>
      }
    >
      <form id="own-key" className="flex flex-col gap-3" onSubmit={save}>
        <Field label="Key">
          {({ id }) => (
            <TextInput
              id={id}
              type="password"
              autoComplete="off"
              required
              value={key}
              onChange={(event) => setKey(event.target.value)}
            />
          )}
        </Field>
        {hasAddress && (
          <Field label="URL">
            {({ id }) => (
              <TextInput
                id={id}
                required
                value={baseUrl}
                placeholder="https://api.openai.com/v1"
                onChange={(event) => setBaseUrl(event.target.value)}
              />
            )}
          </Field>
        )}
        <Field label="Models">
          {({ id }) => (
            <TextInput
              id={id}
              value={models}
              placeholder="Names, separated by commas"
              onChange={(event) => setModels(event.target.value)}
            />
          )}
        </Field>
        {problem !== null && (
          <p role="alert" className="text-xs text-danger">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  );
}
