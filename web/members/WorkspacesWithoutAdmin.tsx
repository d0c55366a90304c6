import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { KnownWorkspace } from '../../core/api/workspaces.ts';
import type { Member } from '../../core/api/members.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { Button } from '../ui/Button.tsx';
import { Select } from '../ui/Select.tsx';
import { membersApi } from './members-api.ts';

/** Workspaces that nobody decides about any more, each with a choice of who shall; nothing where there is none. */
export function WorkspacesWithoutAdmin() {
  const { api } = useApp();
  const known = useQuery({
    queryKey: [...queryKeys.members, 'workspaces'],
    queryFn: () => membersApi(api).workspaces(),
  });
  const members = useQuery({ queryKey: queryKeys.members, queryFn: () => membersApi(api).list() });
  const without = known.data?.filter(({ admins }) => admins === 0) ?? [];
  if (without.length === 0) return null;
  return (
    <Section
      title="Workspaces without an admin"
      description="No one who can sign in is an admin of these. They keep working. If you name an admin, the members are told."
    >
      <ul aria-label="Workspaces without an admin" className="flex flex-col">
        {without.map((workspace) => (
          <Row key={workspace.id} workspace={workspace} members={members.data ?? []} />
        ))}
      </ul>
    </Section>
  );
}

function Row({ workspace, members }: { workspace: KnownWorkspace; members: readonly Member[] }) {
  const { api, queries, notify } = useApp();
  const { id, name, members: count, deletedAt } = workspace;
  const accounts = members.filter(({ role }) => role !== 'viewer');
  const [chosen, setChosen] = useState<string | null>(null);
  const accountId = chosen ?? accounts[0]?.id ?? '';
  const nameIt = () => {
    const email = accounts.find((account) => account.id === accountId)?.email ?? '';
    return membersApi(api)
      .nameAdmin(id, accountId)
      .then(
        () => {
          notify({ title: `${email} is an admin of ${name}`, kind: 'success' });
          void queries.invalidateQueries({ queryKey: queryKeys.members });
          void queries.invalidateQueries({ queryKey: queryKeys.workspaces });
        },
        (failure: Error) => notify({ title: 'No admin was named', description: failure.message, kind: 'error' }),
      );
  };
  return (
    <li className="flex items-center gap-3 border-b border-line py-2 last:border-0 max-sm:flex-wrap">
      <span className="min-w-0 flex-1 max-sm:basis-full">
        <span className="block truncate font-medium">{name}</span>
        <span className="block truncate text-xs text-faint">
          {count === 1 ? '1 member' : `${count} members`}
          {deletedAt !== null && ' · deleted; an admin can restore it'}
        </span>
      </span>
      <Select
        label={`New admin of ${name}`}
        value={accountId}
        groups={[{ options: accounts.map(({ id: value, email }) => ({ value, label: email })) }]}
        width="w-52 max-sm:w-40"
        onChange={setChosen}
      />
      <Button disabled={accountId === ''} onClick={() => void nameIt()}>
        Name admin
      </Button>
    </li>
  );
}
