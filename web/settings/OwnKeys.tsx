import { CircleCheck, CircleDashed } from 'lucide-react';
import { useState } from 'react';
import type { OwnKeyProvider, ProviderKeys } from '../../core/api/provider-keys.ts';
import { allows } from '../../core/scope.ts';
import { useRoleHere } from '../workspaces/use-workspaces.ts';
import { queryKeys, useApp, useProviderKeys } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { KeepDialog, KeptField, KeptList, KeptRow, NoSecretsKey } from './KeptSecrets.tsx';
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
  const mayChange = allows(useRoleHere(), 'admin');
  const isAvailable = keys.data?.available !== false;
  return (
    <Section
      title="Your provider keys"
      description={
        !mayChange ? (
          'Nodes here use these instead of the server’s keys. Admins of the workspace save and delete them.'
        ) : isAvailable ? (
          'Your nodes use these instead of the server’s keys. They are stored encrypted and are never shown again.'
        ) : (
          <NoSecretsKey what="Keys">
            {' '}
            A key for everybody needs none: see{' '}
            <a href={sectionAddress('Model providers')} className="underline">
              Model providers
            </a>
            .
          </NoSecretsKey>
        )
      }
    >
      <KeptList label="Your provider keys" from={keys}>
        {keys.data?.items.map((key) => (
          <KeptRow
            key={key.provider}
            sign={
              key.isSet ? (
                <CircleCheck size={16} aria-hidden className="text-status-completed" />
              ) : (
                <CircleDashed size={16} aria-hidden className="text-faint" />
              )
            }
            name={<span className="block font-medium">{key.title}</span>}
            note={key.isSet ? `Saved${key.baseUrl === null ? '' : ` for ${key.baseUrl}`}` : 'No key'}
          >
            {key.isSet && mayChange && (
              <Button size="sm" onClick={() => setRemoving(key)}>
                Delete
              </Button>
            )}
            {mayChange && (
              <Button size="sm" disabled={!isAvailable} onClick={() => setEditing(key)}>
                {key.isSet ? 'Replace' : 'Add'}
              </Button>
            )}
          </KeptRow>
        ))}
      </KeptList>
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
  const isSame = provider.isSet && baseUrl.trim() === (provider.baseUrl ?? '');
  const keyHint = isSame
    ? 'Leave it empty to keep the one that is saved.'
    : hasAddress
      ? 'Leave it empty for a server that asks for none, such as Ollama.'
      : null;
  const names = models.split(',').map((name) => name.trim());
  return (
    <KeepDialog
      title={`Your key for ${provider.title}`}
      description="It is sent only to this provider."
      isComplete={hasAddress ? baseUrl.trim() !== '' : provider.isSet || key.trim() !== ''}
      save={() =>
        api.saveProviderKey(provider.provider, {
          ...(key.trim() !== '' && { key: key.trim() }),
          models: names.filter((name) => name !== ''),
          ...(hasAddress ? { baseUrl: baseUrl.trim() } : {}),
        })
      }
      onSaved={onSaved}
      onClose={onClose}
    >
      <KeptField
        label="Key"
        isSecret
        required={!hasAddress && !provider.isSet}
        value={key}
        {...(keyHint !== null && { hint: keyHint })}
        onChange={setKey}
      />
      {hasAddress && (
        <KeptField
          label="URL"
          required
          value={baseUrl}
          placeholder="https://api.openai.com/v1"
          hint="A server on this machine or in your own network, such as http://localhost:11434, works once whoever runs Heddle has allowed it: FETCH_ALLOW=localhost:11434."
          onChange={setBaseUrl}
        />
      )}
      <KeptField label="Models" value={models} placeholder="Names, separated by commas" onChange={setModels} />
    </KeepDialog>
  );
}
