import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { apiKeyScopes } from '../../core/api/keys.ts';
import type { WorkspaceMember } from '../../core/api/workspaces.ts';
import type { WorkspaceRole } from '../../core/scope.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { Button, IconButton } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Select } from '../ui/Select.tsx';
import { Time } from '../ui/Time.tsx';
import { memberName } from './MemberList.tsx';
import { NameField } from './NameField.tsx';
import { serviceRoleOptions } from './roles.ts';
import { workspacesApi } from './workspaces-api.ts';

/** Accounts of programs: made here, removed as members, with API keys of their own. */
export function ServiceAccounts({
  workspaceId,
  members,
}: {
  workspaceId: string;
  members: readonly WorkspaceMember[];
}) {
  const { api, queries } = useApp();
  const [name, setName] = useState('');
  const [role, setRole] = useState<WorkspaceRole>('runner');
  const [error, setError] = useState<string | null>(null);
  const [key, setKey] = useState<string | null>(null);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    workspacesApi(api)
      .addService(workspaceId, name.trim(), role)
      .then(
        () => {
          setName('');
          return queries.invalidateQueries({ queryKey: queryKeys.workspaceMembers(workspaceId) });
        },
        (failure: Error) => setError(failure.message),
      );
  };
  return (
    <Section
      title="Service accounts"
      description="For programs. They belong to the workspace, cannot sign in, and keep working when people leave."
    >
      <div className="flex flex-col gap-4">
        {members
          .filter(({ kind }) => kind === 'service')
          .map((account) => (
            <Keys key={account.accountId} workspaceId={workspaceId} account={account} onKey={setKey} />
          ))}
        <form onSubmit={onSubmit} className="flex items-end gap-2 max-sm:flex-col max-sm:items-stretch">
          <NameField label="Name of the program" value={name} error={error} onChange={setName} />
          <Select
            label="Role of the program"
            value={role}
            groups={[{ options: serviceRoleOptions }]}
            width="w-32 max-sm:w-full"
            onChange={(value) => setRole(value as WorkspaceRole)}
          />
          <Button type="submit" disabled={name.trim() === ''}>
            Create
          </Button>
        </form>
      </div>
      <Dialog
        open={key !== null}
        title="API key"
        description="Copy it now. You will not see it again."
        onClose={() => setKey(null)}
        footer={
          <Button variant="primary" onClick={() => setKey(null)}>
            Done
          </Button>
        }
      >
        <div className="flex items-center gap-2 rounded-md border border-line bg-field py-1.5 pr-1.5 pl-3">
          <code className="flex-1 text-xs break-all select-all">{key}</code>
          <CopyButton text={key ?? ''} label="Copy key" />
        </div>
      </Dialog>
    </Section>
  );
}

interface KeysProps {
  workspaceId: string;
  account: WorkspaceMember;
  onKey(key: string): void;
}

function Keys({ workspaceId, account, onKey }: KeysProps) {
  const { api, queries, notify } = useApp();
  const { accountId } = account;
  const name = memberName(account);
  const queryKey = [...queryKeys.keys, accountId];
  const keys = useQuery({ queryKey, queryFn: () => workspacesApi(api).listKeys(workspaceId, accountId) });
  const refresh = () => void queries.invalidateQueries({ queryKey });
  const fail = (title: string) => (failure: Error) => notify({ title, description: failure.message, kind: 'error' });
  const create = () =>
    workspacesApi(api)
      .createKey(workspaceId, accountId, `Key ${(keys.data?.length ?? 0) + 1}`, apiKeyScopes)
      .then((made) => {
        onKey(made.key);
        refresh();
      }, fail('No key was created'));
  const revoke = (id: string) =>
    workspacesApi(api).revokeKey(workspaceId, accountId, id).then(refresh, fail('The key could not be revoked'));
  return (
    <div>
      <div className="flex items-center gap-3">
        <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
        <Button onClick={() => void create()} aria-label={`New API key for ${name}`}>
          New API key
        </Button>
      </div>
      <ul aria-label={`API keys of ${name}`}>
        {keys.data?.map(({ id, name: label, prefix, createdAt, lastUsedAt }) => (
          <li key={id} className="flex items-center gap-3 py-1 text-xs text-muted">
            <span className="min-w-0 flex-1 truncate">
              {label} · <code>{prefix}…</code> · created <Time at={createdAt} /> ·{' '}
              {lastUsedAt === null ? (
                'never used'
              ) : (
                <>
                  used <Time at={lastUsedAt} />
                </>
              )}
            </span>
            <IconButton label={`Revoke ${label} of ${name}`} onClick={() => void revoke(id)}>
              <Trash2 size={14} />
            </IconButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
