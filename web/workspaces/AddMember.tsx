import { queryKeys, useApp } from '../api/context.ts';
import { EmailAndRole } from '../members/EmailAndRole.tsx';
import type { ShownLink } from '../members/LinkDialog.tsx';
import { workspaceRoleOptions } from './roles.ts';
import { workspacesApi } from './workspaces-api.ts';

/** Address and role of a new member; a link that makes their account is handed to `onLink`. */
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
        if (path !== null) {
          const description = `For ${email}; it makes their account, works once and expires in seven days.`;
          onLink({ title: 'Invitation link', path, description });
        } else if (invited !== null) {
          const description =
            'They become a member as soon as they have one. An owner of this installation can invite them.';
          notify({ title: `${email} has no account yet`, description, kind: 'success' });
        }
      }}
    />
  );
}
