import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { Secrets as SecretList } from '../../core/api/secrets.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog, Dialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Section } from './Section.tsx';

type Secret = SecretList['items'][number];

/** Secrets that the user's nodes send to other services: saved, replaced and deleted, never shown. */
export function Secrets() {
  const { api, queries, notify } = useApp();
  const secrets = useQuery({ queryKey: queryKeys.secrets, queryFn: () => api.listSecrets() });
  const [editing, setEditing] = useState<Secret | 'new' | null>(null);
  const [removing, setRemoving] = useState<Secret | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: queryKeys.secrets });
  const remove = (name: string) =>
    api
      .deleteSecret(name)
      .then(refresh, (error: Error) => notify({ title: 'Not deleted', description: error.message, kind: 'error' }));
  const isAvailable = secrets.data?.available !== false;
  return (
    <Section
      title="Your secrets"
      description={
        isAvailable ? (
          'Tokens and passwords for HTTP request nodes, which name them. Each is sent only to its hosts, stored encrypted and never shown again.'
        ) : (
          <>
            Secrets cannot be saved yet because they are encrypted with <code>SECRETS_KEY</code>. Whoever runs the
            server puts one of at least 32 characters into the environment of servers and workers and starts them again.
          </>
        )
      }
    >
      <ul aria-label="Your secrets" className="flex flex-col">
        {secrets.data?.items.map((secret) => (
          <li key={secret.name} className="flex items-center gap-3 border-b border-line py-2 last:border-0">
            <KeyRound size={16} aria-hidden className="text-muted" />
            <span className="min-w-0 flex-1">
              <span className="block font-mono text-xs font-medium">{secret.name}</span>
              <span className="block truncate text-xs text-muted">{secret.hosts.join(', ')}</span>
            </span>
            <Button size="sm" onClick={() => setRemoving(secret)}>
              Delete
            </Button>
            <Button size="sm" disabled={!isAvailable} onClick={() => setEditing(secret)}>
              Replace
            </Button>
          </li>
        ))}
        {secrets.isPending && <li className="skeleton h-10" />}
        {secrets.error !== null && <li className="text-danger">{secrets.error.message}</li>}
      </ul>
      <Button size="sm" className="mt-2 self-start" disabled={!isAvailable} onClick={() => setEditing('new')}>
        Add a secret
      </Button>
      {editing !== null && (
        <SecretDialog secret={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onSaved={refresh} />
      )}
      <ConfirmDialog
        open={removing !== null}
        title={`Delete the secret ${removing?.name}?`}
        description="Nodes that name it will fail until there is one of this name again."
        confirmLabel="Delete secret"
        onClose={() => setRemoving(null)}
        onConfirm={() => removing !== null && remove(removing.name)}
      />
    </Section>
  );
}

interface SecretDialogProps {
  /** Null: a new one. */
  readonly secret: Secret | null;
  onClose(): void;
  onSaved(): void;
}

function SecretDialog({ secret, onClose, onSaved }: SecretDialogProps) {
  const { api } = useApp();
  const [name, setName] = useState(secret?.name ?? '');
  const [value, setValue] = useState('');
  const [hosts, setHosts] = useState(secret?.hosts.join(', ') ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);

  function save(event: FormEvent) {
    event.preventDefault();
    setSaving(true);
    setProblem(null);
    const list = hosts.split(/[\s,]+/).filter((host) => host !== '');
    api.saveSecret(name.trim(), { value, hosts: list }).then(
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
      title={secret === null ? 'New secret' : `Replace ${secret.name}`}
      description="It is sent only to these hosts."
      width={480}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form="secret"
            disabled={isSaving || name.trim() === '' || value === '' || hosts.trim() === ''}
          >
            Save
          </Button>
        </>
      }
    >
      <form id="secret" className="flex flex-col gap-3" onSubmit={save}>
        {secret === null && (
          <Field label="Name">
            {({ id }) => (
              <TextInput
                id={id}
                required
                value={name}
                placeholder="GITHUB_TOKEN"
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        )}
        <Field label="Value">
          {({ id }) => (
            <TextInput
              id={id}
              type="password"
              autoComplete="off"
              required
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )}
        </Field>
        <Field label="Hosts">
          {({ id }) => (
            <TextInput
              id={id}
              required
              value={hosts}
              placeholder="api.github.com, uploads.github.com"
              onChange={(event) => setHosts(event.target.value)}
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
