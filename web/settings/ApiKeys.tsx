import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { apiKeyScopes, type ApiKey, type ApiKeyScope } from '../../core/api/keys.ts';
import { allows, type WorkspaceRole } from '../../core/scope.ts';
import type { ApiClient } from '../api/client.ts';
import { queryKeys, useApp, useMe } from '../api/context.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { ConfirmDialog, Dialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { Time } from '../ui/Time.tsx';
import { workspaceRoleOptions } from '../workspaces/roles.ts';
import { useWorkspaces } from '../workspaces/use-workspaces.ts';
import { Section } from './Section.tsx';

const scopeWords: Record<ApiKeyScope, string> = {
  read: 'Read: view workflows, runs and files',
  run: 'Run: start, cancel and retry runs, call models',
  write: 'Write: change and delete',
};

/** Days for which a new key works; 0: until it is revoked. */
const lifetimes = [
  { value: '0', label: 'Never expires' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
];

/** No id of a workspace, and no role. */
const [everywhere, unlimited] = ['all', 'any'];

const dayMs = 24 * 60 * 60_000;

/** The person's keys for programs: made, shown once, revoked. */
export function ApiKeys() {
  const { api, queries, notify } = useApp();
  const { data: me } = useMe();
  const keys = useQuery({ queryKey: queryKeys.keys, queryFn: () => api.listKeys() });
  const [created, setCreated] = useState<string | null>(null);
  const [removing, setRemoving] = useState<ApiKey | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: queryKeys.keys });
  const fail = (title: string) => (error: Error) => notify({ title, description: error.message, kind: 'error' });
  return (
    <Section title="API keys" description="For scripts and the command line.">
      <ul aria-label="API keys" className="mb-3 flex flex-col">
        {keys.data?.map((key) => (
          <KeyRow key={key.id} apiKey={key} onRemove={() => setRemoving(key)} />
        ))}
        {keys.data?.length === 0 && <li className="py-1 text-muted">No API keys yet.</li>}
        {keys.isPending && <li className="skeleton h-10" />}
        {keys.error !== null && <li className="text-danger">{keys.error.message}</li>}
      </ul>
      {me?.role === 'viewer' ? (
        <p className="text-xs text-muted">Viewers cannot create keys.</p>
      ) : (
        <NewKey
          onCreate={async (key) => {
            const made = await api.createKey(key);
            setCreated(made.key);
            refresh();
          }}
          onError={fail('The key could not be created')}
        />
      )}
      <Dialog
        open={created !== null}
        title="Your new key"
        description="Copy it now. You will not see it again."
        width={520}
        onClose={() => setCreated(null)}
        footer={
          <Button variant="primary" onClick={() => setCreated(null)}>
            Done
          </Button>
        }
      >
        <div className="flex items-center gap-2 rounded-md border border-line bg-field py-1.5 pr-1.5 pl-3">
          <code className="flex-1 text-xs break-all select-all">{created}</code>
          <CopyButton text={created ?? ''} label="Copy key" />
        </div>
      </Dialog>
      <ConfirmDialog
        open={removing !== null}
        title={`Delete the key “${removing?.name}”?`}
        description="Programs that use it lose access immediately."
        confirmLabel="Delete key"
        onClose={() => setRemoving(null)}
        onConfirm={() => removing !== null && api.deleteKey(removing.id).then(refresh, fail('Not deleted'))}
      />
    </Section>
  );
}

function KeyRow({ apiKey, onRemove }: { apiKey: ApiKey; onRemove(): void }) {
  const { name, prefix, scopes, workspaceId, role, createdAt, lastUsedAt, expiresAt } = apiKey;
  const { data: workspaces } = useWorkspaces();
  const place = workspaces?.find(({ id }) => id === workspaceId);
  const isOver = expiresAt !== null && new Date(expiresAt).getTime() <= Date.now();
  return (
    <li className="flex items-center gap-3 border-b border-line py-2">
      <KeyRound size={15} aria-hidden className="shrink-0 text-muted" />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">
          {name}
          <span className="ml-2 text-xs font-normal text-muted">
            {scopes.length === apiKeyScopes.length ? 'everything' : scopes.join(', ')}
            {role !== null && `, at most ${role}`}
            {workspaceId !== null &&
              `, in ${place === undefined ? 'a workspace that you left' : place.kind === 'personal' ? 'Personal' : place.name}`}
          </span>
        </span>
        <span className="block text-xs text-faint">
          <code>{prefix}…</code> · created <Time at={createdAt} /> ·{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              used <Time at={lastUsedAt} />
            </>
          )}
          {expiresAt !== null && (
            <span className={isOver ? 'text-danger' : undefined}>
              {' '}
              · {isOver ? 'ended' : 'ends'} {new Date(expiresAt).toLocaleDateString()}
            </span>
          )}
        </span>
      </span>
      <IconButton label={`Delete ${name}`} onClick={onRemove}>
        <Trash2 size={15} />
      </IconButton>
    </li>
  );
}

/** What a new key is for and may do. */
type NewApiKey = Parameters<ApiClient['createKey']>[0];

function NewKey({ onCreate, onError }: { onCreate(key: NewApiKey): Promise<void>; onError(error: Error): void }) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly ApiKeyScope[]>(apiKeyScopes);
  const [days, setDays] = useState('0');
  const [place, setPlace] = useState(everywhere);
  const [role, setRole] = useState(unlimited);
  const { data: workspaces = [] } = useWorkspaces();
  const open = workspaces.filter(({ deletedAt }) => deletedAt === null);
  const most = open.find(({ id }) => id === place)?.role ?? 'admin';
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = days === '0' ? null : new Date(Date.now() + Number(days) * dayMs).toISOString();
    const limits = {
      ...(place !== everywhere && { workspaceId: place }),
      ...(role !== unlimited && { role: role as WorkspaceRole }),
    };
    onCreate({ name: name.trim(), scopes: [...scopes], expiresAt, ...limits }).then(() => setName(''), onError);
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-3">
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 text-xs font-medium text-muted">Permissions of the new key</legend>
        {apiKeyScopes.map((scope) => (
          <label key={scope} className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((other) => other !== scope))
              }
            />
            {scopeWords[scope]}
          </label>
        ))}
      </fieldset>
      <div className="flex gap-2 max-sm:flex-col">
        {open.length > 1 && (
          <Select
            label="Workspace of the new key"
            value={place}
            groups={[
              {
                options: [
                  { value: everywhere, label: 'All your workspaces' },
                  ...open.map(({ id, name: label, kind }) => ({
                    value: id,
                    label: kind === 'personal' ? 'Personal' : label,
                  })),
                ],
              },
            ]}
            width="w-56 max-sm:w-full"
            onChange={(next) => {
              setPlace(next);
              setRole(unlimited);
            }}
          />
        )}
        <Select
          label="Role of the new key"
          value={role}
          groups={[
            {
              options: [
                { value: unlimited, label: 'The same as yours' },
                ...workspaceRoleOptions
                  .filter(({ value }) => allows(most, value))
                  .map(({ value, label, hint }) => ({ value, label: `At most ${label.toLowerCase()}`, hint })),
              ],
            },
          ]}
          width="w-48 max-sm:w-full"
          onChange={setRole}
        />
      </div>
      <div className="flex items-end gap-2 max-sm:flex-col max-sm:items-stretch">
        <div className="flex-1">
          <Field label="Name of the new key">
            {({ id }) => (
              <TextInput
                id={id}
                required
                maxLength={100}
                value={name}
                placeholder="e.g. nightly script"
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        </div>
        <Select
          label="Expiration"
          value={days}
          groups={[{ options: lifetimes }]}
          width="w-36 max-sm:w-full"
          onChange={setDays}
        />
        <Button type="submit" disabled={name.trim() === '' || scopes.length === 0}>
          <Plus size={14} aria-hidden /> Create key
        </Button>
      </div>
    </form>
  );
}
