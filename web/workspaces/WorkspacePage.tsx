import { useQuery } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useNavigate, useParams } from 'react-router';
import type { Workspace } from '../../core/api/workspaces.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { LinkDialog, type ShownLink } from '../members/LinkDialog.tsx';
import { Section } from '../settings/Section.tsx';
import { DeadEnd } from '../shell/DeadEnd.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { Button } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Time } from '../ui/Time.tsx';
import { AddMember } from './AddMember.tsx';
import { InvitedMembers, MemberList } from './MemberList.tsx';
import { ServiceAccounts } from './ServiceAccounts.tsx';
import { useWorkspaces } from './use-workspaces.ts';
import { WorkspaceLog } from './WorkspaceLog.tsx';
import { workspacesApi } from './workspaces-api.ts';

/** Who is in a workspace and with which role; for its admins also its programs, its log and its end. */
export function WorkspacePage() {
  const { workspaceId = '' } = useParams();
  const { api } = useApp();
  const { data: workspaces } = useWorkspaces();
  const workspace = workspaces?.find(
    ({ id, kind, deletedAt }) => id === workspaceId && kind === 'team' && deletedAt === null,
  );
  const members = useQuery({
    queryKey: queryKeys.workspaceMembers(workspaceId),
    queryFn: () => workspacesApi(api).members(workspaceId),
    enabled: workspace !== undefined,
  });
  const [link, setLink] = useState<ShownLink | null>(null);
  if (workspaces === undefined) return <div className="h-full" aria-busy="true" />;
  if (workspace === undefined) {
    return (
      <DeadEnd page="Workspace" icon={<Users size={20} aria-hidden />} title="You have no such workspace">
        It was deleted, or you are not a member of it. Ask an admin of the workspace to add you.
      </DeadEnd>
    );
  }
  const isAdmin = workspace.role === 'admin';
  return (
    <PageFrame title={workspace.name}>
      <h1 className="mb-5 text-lg font-semibold break-words">{workspace.name}</h1>
      <div className="flex flex-col gap-6">
        <AdminNamed workspace={workspace} />
        <Section title="Members">
          <MemberList workspace={workspace} members={members.data?.items} error={members.error} />
        </Section>
        {isAdmin && (
          <>
            <Section
              title="Add someone"
              description="Enter their email address. If they have no account, or their address has not been verified, you get a link to send them."
            >
              <AddMember workspaceId={workspace.id} onLink={setLink} />
            </Section>
            <InvitedMembers workspaceId={workspace.id} invited={members.data?.invited ?? []} onLink={setLink} />
            <ServiceAccounts workspaceId={workspace.id} members={members.data?.items ?? []} />
            <WorkspaceLog workspaceId={workspace.id} />
          </>
        )}
        <Section title="This workspace">
          <div className="flex flex-col gap-4">
            {isAdmin && <Rename workspace={workspace} />}
            <Ending workspace={workspace} isAdmin={isAdmin} />
          </div>
        </Section>
      </div>
      <LinkDialog link={link} onClose={() => setLink(null)} />
    </PageFrame>
  );
}

/** Tells members that somebody else than their admins has decided who is one. */
function AdminNamed({ workspace: { adminNamed } }: { workspace: Workspace }) {
  if (adminNamed === null) return null;
  return (
    <p role="note" className="rounded-md border border-line bg-surface px-3 py-2 text-sm text-muted wrap-anywhere">
      This workspace had no admin who could act. {adminNamed.by ?? 'An owner of this installation'} made{' '}
      {adminNamed.account ?? 'a removed account'} its admin <Time at={adminNamed.at} />.
    </p>
  );
}

function Rename({ workspace: { id, name } }: { workspace: Workspace }) {
  const { api, queries } = useApp();
  const [value, setValue] = useState(name);
  const [error, setError] = useState<string | null>(null);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    workspacesApi(api)
      .rename(id, value.trim())
      .then(
        () => queries.invalidateQueries({ queryKey: queryKeys.workspaces }),
        (failure: Error) => setError(failure.message),
      );
  };
  return (
    <form onSubmit={onSubmit} className="flex items-end gap-2 max-sm:flex-col max-sm:items-stretch">
      <div className="flex-1">
        <Field label="Name" error={error ?? undefined}>
          {({ id: field, describedBy, isInvalid }) => (
            <TextInput
              id={field}
              maxLength={100}
              aria-describedby={describedBy}
              aria-invalid={isInvalid}
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )}
        </Field>
      </div>
      <Button type="submit" disabled={value.trim() === '' || value.trim() === name}>
        Rename
      </Button>
    </form>
  );
}

function Ending({ workspace: { id, name }, isAdmin }: { workspace: Workspace; isAdmin: boolean }) {
  const { api, queries, notify } = useApp();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<'leave' | 'delete' | null>(null);
  const end = () => {
    const request = asked === 'delete' ? workspacesApi(api).remove(id) : workspacesApi(api).leave(id);
    const left = async () => {
      await request;
      await queries.invalidateQueries({ queryKey: queryKeys.workspaces });
      await navigate('/workspaces');
    };
    left().catch((failure: Error) =>
      notify({ title: asked === 'delete' ? 'Not deleted' : 'Not left', description: failure.message, kind: 'error' }),
    );
  };
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => setAsked('leave')}>Leave</Button>
      {isAdmin && (
        <Button variant="danger" onClick={() => setAsked('delete')}>
          Delete workspace
        </Button>
      )}
      <ConfirmDialog
        open={asked !== null}
        title={asked === 'delete' ? `Delete ${name}?` : `Leave ${name}?`}
        description={
          asked === 'delete'
            ? 'It is closed to everyone at once, and its runs end. For seven days an admin can restore it on the page of all workspaces; then its workflows, runs and files are gone.'
            : 'Its workflows, runs and files are no longer open to you. An admin can add you again.'
        }
        confirmLabel={asked === 'delete' ? 'Delete' : 'Leave'}
        onClose={() => setAsked(null)}
        onConfirm={end}
      />
    </div>
  );
}
