import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { Secrets as SecretList } from '../../core/api/secrets.ts';
import { allows } from '../../core/scope.ts';
import { useRoleHere } from '../workspaces/use-workspaces.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { KeepDialog, KeptField, KeptList, KeptRow, NoSecretsKey } from './KeptSecrets.tsx';
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
  const mayChange = allows(useRoleHere(), 'admin');
  const isAvailable = secrets.data?.available !== false;
  return (
    <Section
      title="Your secrets"
      description={
        !mayChange ? (
          'Tokens and passwords for HTTP request nodes, which name them. Admins of the workspace save and delete them.'
        ) : isAvailable ? (
          'Tokens and passwords for HTTP request nodes, which name them. Each is sent only to its hosts, stored encrypted and never shown again.'
        ) : (
          <NoSecretsKey what="Secrets" />
        )
      }
    >
      <KeptList label="Your secrets" from={secrets}>
        {secrets.data?.items.map((secret) => (
          <KeptRow
            key={secret.name}
            sign={<KeyRound size={16} aria-hidden className="text-muted" />}
            name={<span className="block font-mono text-xs font-medium">{secret.name}</span>}
            note={secret.hosts.join(', ')}
          >
            {mayChange && (
              <>
                <Button size="sm" onClick={() => setRemoving(secret)}>
                  Delete
                </Button>
                <Button size="sm" disabled={!isAvailable} onClick={() => setEditing(secret)}>
                  Replace
                </Button>
              </>
            )}
          </KeptRow>
        ))}
      </KeptList>
      {mayChange && (
        <Button size="sm" className="mt-2 self-start" disabled={!isAvailable} onClick={() => setEditing('new')}>
          Add a secret
        </Button>
      )}
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
  const list = hosts.split(/[\s,]+/).filter((host) => host !== '');
  return (
    <KeepDialog
      title={secret === null ? 'New secret' : `Replace ${secret.name}`}
      description="It is sent only to these hosts."
      isComplete={name.trim() !== '' && value !== '' && hosts.trim() !== ''}
      save={() => api.saveSecret(name.trim(), { value, hosts: list })}
      onSaved={onSaved}
      onClose={onClose}
    >
      {secret === null && (
        <KeptField label="Name" required value={name} placeholder="GITHUB_TOKEN" onChange={setName} />
      )}
      <KeptField label="Value" isSecret required value={value} onChange={setValue} />
      <KeptField
        label="Hosts"
        required
        value={hosts}
        placeholder="api.github.com, uploads.github.com"
        onChange={setHosts}
      />
    </KeepDialog>
  );
}
