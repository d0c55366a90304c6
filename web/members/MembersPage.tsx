import { useQuery } from '@tanstack/react-query';
import { Link2, UserMinus, X } from 'lucide-react';
import { useState } from 'react';
import type { UserRole } from '../../core/api/auth.ts';
import type { Member } from '../../core/api/members.ts';
import { queryKeys, useApp, useConfig, useMe } from '../api/context.ts';
import { Section } from '../settings/Section.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { Select } from '../ui/Select.tsx';
import { Time } from '../ui/Time.tsx';
import { InviteForm } from './InviteForm.tsx';
import { LinkDialog, type ShownLink } from './LinkDialog.tsx';
import { membersApi } from './members-api.ts';
import { roleOptions } from './roles.ts';
import { WorkspacesWithoutAdmin } from './WorkspacesWithoutAdmin.tsx';

/** Who has an account, what they may do, and who is invited: for owners. */
export function MembersPage() {
  const { data: config } = useConfig();
  const [link, setLink] = useState<ShownLink | null>(null);
  const isLocal = config?.auth.mode === 'local';
  return (
    <PageFrame title="Members">
      <h1 className="mb-5 text-lg font-semibold">Members</h1>
      <div className="flex flex-col gap-6">
        <Members isLocal={isLocal} onLink={setLink} />
        <WorkspacesWithoutAdmin />
        {isLocal ? (
          <>
            <Section
              title="Invite someone"
              description="You get a link to share; Heddle sends no email. It works once and expires in seven days."
            >
              <InviteForm onLink={setLink} />
            </Section>
            <Invitations />
          </>
        ) : (
          <p className="text-xs text-muted">People are invited and sign up in Clerk. Assign their roles here.</p>
        )}
      </div>
      <LinkDialog link={link} onClose={() => setLink(null)} />
    </PageFrame>
  );
}

function Members({ isLocal, onLink }: { isLocal: boolean; onLink(link: ShownLink): void }) {
  const { api, queries, notify } = useApp();
  const { data: me } = useMe();
  const members = useQuery({ queryKey: queryKeys.members, queryFn: () => membersApi(api).list() });
  const [removing, setRemoving] = useState<Member | null>(null);
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: queryKeys.members });
    void queries.invalidateQueries({ queryKey: queryKeys.me });
  };
  const fail = (title: string) => (error: Error) => {
    notify({ title, description: error.message, kind: 'error' });
    refresh();
  };
  const makeLink = (member: Member) =>
    membersApi(api)
      .createSignInLink(member.id)
      .then(
        ({ path }) =>
          onLink({
            title: 'Sign-in link',
            path,
            description: `For ${member.email}; it works once and expires in an hour.`,
          }),
        fail('The link could not be created'),
      );
  return (
    <Section title="Accounts">
      <ul aria-label="Members" className="flex flex-col">
        {members.data?.map((member) => {
          const name = [member.firstName, member.lastName].filter(Boolean).join(' ');
          return (
            <li
              key={member.id}
              className="flex items-center gap-3 border-b border-line py-2 last:border-0 max-sm:flex-wrap"
            >
              <span className="min-w-0 flex-1 max-sm:basis-full">
                <span className="block truncate font-medium">
                  {name === '' ? member.email : name}
                  {member.id === me?.id && <span className="ml-2 text-xs font-normal text-muted">you</span>}
                </span>
                <span className="block truncate text-xs text-faint">
                  {name !== '' && `${member.email} · `}
                  {member.lastSeenAt === null ? (
                    'never active'
                  ) : (
                    <>
                      seen <Time at={member.lastSeenAt} />
                    </>
                  )}
                  {member.emailChangedAt !== null && (
                    <>
                      {' '}
                      · changed their email address <Time at={member.emailChangedAt} />, not verified
                    </>
                  )}
                </span>
              </span>
              <Select
                label={`Role of ${member.email}`}
                value={member.role}
                groups={[{ options: roleOptions }]}
                width="w-32"
                onChange={(role) =>
                  membersApi(api)
                    .setRole(member.id, role as UserRole)
                    .then(refresh, fail('The role could not be changed'))
                }
              />
              {isLocal && (
                <IconButton label={`Create a sign-in link for ${member.email}`} onClick={() => void makeLink(member)}>
                  <Link2 size={15} />
                </IconButton>
              )}
              <IconButton label={`Remove ${member.email}`} onClick={() => setRemoving(member)}>
                <UserMinus size={15} />
              </IconButton>
            </li>
          );
        })}
        {members.isPending && <li className="skeleton h-12" />}
        {members.error !== null && <li className="text-danger">{members.error.message}</li>}
      </ul>
      <ConfirmDialog
        open={removing !== null}
        title={`Remove ${removing?.email}?`}
        description="The account's sessions, keys and runs end immediately. Its work is kept, and comes back if you invite the same email address again."
        confirmLabel="Remove"
        onClose={() => setRemoving(null)}
        onConfirm={() => removing !== null && membersApi(api).remove(removing.id).then(refresh, fail('Not removed'))}
      />
    </Section>
  );
}

function Invitations() {
  const { api, queries, notify } = useApp();
  const invitations = useQuery({ queryKey: queryKeys.invitations, queryFn: () => membersApi(api).listInvitations() });
  const refresh = () => void queries.invalidateQueries({ queryKey: queryKeys.invitations });
  if (invitations.data?.length === 0) return null;
  return (
    <Section title="Open invitations">
      <ul aria-label="Open invitations" className="flex flex-col">
        {invitations.data?.map((invitation) => (
          <li key={invitation.id} className="flex items-center gap-3 border-b border-line py-2 last:border-0">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{invitation.email}</span>
              <span className="block text-xs text-faint">
                as {invitation.role} · created <Time at={invitation.createdAt} /> · expires{' '}
                {new Date(invitation.expiresAt).toLocaleDateString()}
              </span>
            </span>
            <IconButton
              label={`Revoke the invitation for ${invitation.email}`}
              onClick={() =>
                membersApi(api)
                  .withdrawInvitation(invitation.id)
                  .then(refresh, (error: Error) =>
                    notify({ title: 'The invitation could not be revoked', description: error.message, kind: 'error' }),
                  )
              }
            >
              <X size={15} />
            </IconButton>
          </li>
        ))}
        {invitations.isPending && <li className="skeleton h-10" />}
        {invitations.error !== null && <li className="text-danger">{invitations.error.message}</li>}
      </ul>
    </Section>
  );
}
