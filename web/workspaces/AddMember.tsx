import { queryKeys, useApp } from '../api/context.ts';
import { EmailAndRole } from '../members/EmailAndRole.tsx';
import type { ShownLink } from '../members/LinkDialog.tsx';
import { workspaceRoleOptions } from './roles.ts';
import { workspacesApi } from './workspaces-api.ts';

/** The link of an invitation, with what to do with it. */
export function invitationLink(email: string, path: string): ShownLink {
  const description = path.startsWith('/invitation')
    ? `Send it to ${email}: it creates their account, works once and expires in seven days.`
    : `Send it to ${email}. They join by opening it while signed in. It works once and expires in seven days. Without an account, they first need an invitation from an owner of this installation.`;
  return { title: 'Invitation link', path, description };
}

/** Address and role of a new member; the link for somebody who is none at once is handed to `onLink`. */
export function AddMember({ workspaceId, onLink }: { workspaceId: string; onLink(link: ShownLink): void }) {
  const { api, queries, notify } = useApp();
  return (
    <EmailAndRole
      roles={workspaceRoleOptions}
      first="editor"
      verb="Add"
      onSubmit={async (email, role) => {
        const { invited, path } = await workspacesApi(api).add(workspaceId, email, role);
        void queries.invalidateQueries({ queryKey: queryKeys.workspaceMembers(workspaceId) });
        void queries.invalidateQueries({ queryKey: [...queryKeys.audit, workspaceId] });
        if (path !== null) onLink(invitationLink(email, path));
        else if (invited === null) notify({ title: `${email} is now a member`, kind: 'success' });
      }}
    />
  );
}
