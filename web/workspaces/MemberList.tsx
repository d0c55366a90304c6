import { Link2, UserMinus, X } from 'lucide-react';
import { useState } from 'react';
import type { InvitedMember, Workspace, WorkspaceMember } from '../../core/api/workspaces.ts';
import type { WorkspaceRole } from '../../core/scope.ts';
import { queryKeys, useApp, useMe } from '../api/context.ts';
import type { ShownLink } from '../members/LinkDialog.tsx';
import { Section } from '../settings/Section.tsx';
import { IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { Select } from '../ui/Select.tsx';
import { Time } from '../ui/Time.tsx';
import { invitationLink } from './AddMember.tsx';
import { serviceRoleOptions, workspaceRoleOptions } from './roles.ts';
import { workspacesApi } from './workspaces-api.ts';

/** What a member is called: a person by their name or address, a program by its name. */
export function memberName({ kind, email, firstName, lastName }: WorkspaceMember): string {
  const name = [firstName, lastName].filter(Boolean).join(' ');
  return name === '' || kind === 'service' ? (firstName ?? email) : name;
}

interface MemberListProps {
  workspace: Workspace;
  /** Undefined while they are fetched. */
  members: readonly WorkspaceMember[] | undefined;
  error: Error | null;
}

/** The people and programs of a workspace, with their roles; admins change them. */
export function MemberList({ workspace: { id, role: own }, members, error }: MemberListProps) {
  const { api, queries, notify } = useApp();
  const { data: me } = useMe();
  const [removing, setRemoving] = useState<WorkspaceMember | null>(null);
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: queryKeys.workspaceMembers(id) });
    void queries.invalidateQueries({ queryKey: queryKeys.workspaces });
    void queries.invalidateQueries({ queryKey: [...queryKeys.audit, id] });
  };
  const fail = (title: string) => (failure: Error) => {
    notify({ title, description: failure.message, kind: 'error' });
    refresh();
  };
  return (
    <>
      <ul aria-label="Members" className="flex flex-col">
        {members?.map((member) => {
          const { accountId, kind, email, role, via, createdAt } = member;
          const name = memberName(member);
          const canChange = own === 'admin' && via !== 'group';
          return (
            <li
              key={accountId}
              className="flex items-center gap-3 border-b border-line py-2 last:border-0 max-sm:flex-wrap"
            >
              <span className="min-w-0 flex-1 max-sm:basis-full">
                <span className="block truncate font-medium">
                  {name}
                  {accountId === me?.id && <span className="ml-2 text-xs font-normal text-muted">you</span>}
                </span>
                <span className="block truncate text-xs text-faint">
                  {kind === 'service' ? 'Service account · ' : name === email ? '' : `${email} · `}
                  {via === 'group' && 'by a group of your identity provider · '}since <Time at={createdAt} />
                </span>
              </span>
              {canChange ? (
                <Select
                  label={`Role of ${name}`}
                  value={role}
                  groups={[{ options: kind === 'service' ? serviceRoleOptions : workspaceRoleOptions }]}
                  width="w-32"
                  onChange={(value) =>
                    workspacesApi(api)
                      .setRole(id, accountId, value as WorkspaceRole)
                      .then(refresh, fail('The role could not be changed'))
                  }
                />
              ) : (
                <span className="text-muted capitalize">{role}</span>
              )}
              {canChange && accountId !== me?.id && (
                <IconButton label={`Remove ${name}`} onClick={() => setRemoving(member)}>
                  <UserMinus size={15} />
                </IconButton>
              )}
            </li>
          );
        })}
        {members === undefined && error === null && <li className="skeleton h-12" />}
        {error !== null && <li className="text-danger">{error.message}</li>}
      </ul>
      <ConfirmDialog
        open={removing !== null}
        title={`Remove ${removing === null ? '' : memberName(removing)}?`}
        description={
          removing?.kind === 'service'
            ? 'Its API keys stop working at once. What it made stays.'
            : 'They can no longer open anything in the workspace. What they made stays.'
        }
        confirmLabel="Remove"
        onClose={() => setRemoving(null)}
        onConfirm={() =>
          removing !== null &&
          workspacesApi(api).removeMember(id, removing.accountId).then(refresh, fail('Not removed'))
        }
      />
    </>
  );
}

interface InvitedMembersProps {
  workspaceId: string;
  invited: readonly InvitedMember[];
  onLink(link: ShownLink): void;
}

/** Those who have not joined yet; nothing where nobody is. */
export function InvitedMembers({ workspaceId, invited, onLink }: InvitedMembersProps) {
  const { api, queries, notify } = useApp();
  if (invited.length === 0) return null;
  const withdraw = (id: string) =>
    workspacesApi(api)
      .withdraw(workspaceId, id)
      .then(
        () => queries.invalidateQueries({ queryKey: queryKeys.workspaceMembers(workspaceId) }),
        (failure: Error) => notify({ title: 'Not withdrawn', description: failure.message, kind: 'error' }),
      );
  const renew = (email: string, role: WorkspaceRole) =>
    workspacesApi(api)
      .add(workspaceId, email, role)
      .then(
        ({ path }) => {
          if (path !== null) onLink(invitationLink(email, path));
          void queries.invalidateQueries({ queryKey: queryKeys.workspaceMembers(workspaceId) });
        },
        (failure: Error) => notify({ title: 'No new link', description: failure.message, kind: 'error' }),
      );
  return (
    <Section title="Invited">
      <ul aria-label="Invited" className="flex flex-col">
        {invited.map(({ id, email, role, createdAt }) => (
          <li key={id} className="flex items-center gap-3 border-b border-line py-2 last:border-0">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{email}</span>
              <span className="block text-xs text-faint">
                as {role} · added <Time at={createdAt} />
              </span>
            </span>
            <IconButton label={`New link for ${email}`} onClick={() => void renew(email, role)}>
              <Link2 size={15} />
            </IconButton>
            <IconButton label={`Withdraw ${email}`} onClick={() => void withdraw(id)}>
              <X size={15} />
            </IconButton>
          </li>
        ))}
      </ul>
    </Section>
  );
}
