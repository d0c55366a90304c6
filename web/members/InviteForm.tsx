import { queryKeys, useApp } from '../api/context.ts';
import { EmailAndRole } from './EmailAndRole.tsx';
import type { ShownLink } from './LinkDialog.tsx';
import { membersApi } from './members-api.ts';
import { roleOptions } from './roles.ts';

/** Address and role of a new invitation; its link is handed to `onLink`. */
export function InviteForm({ onLink }: { onLink(link: ShownLink): void }) {
  const { api, queries } = useApp();
  return (
    <EmailAndRole
      roles={roleOptions}
      first="member"
      verb="Invite"
      onSubmit={async (email, role) => {
        const { path } = await membersApi(api).invite(email, role);
        onLink({
          title: 'Invitation link',
          path,
          description: `For ${email}; it works once and expires in seven days.`,
        });
        void queries.invalidateQueries({ queryKey: queryKeys.invitations });
      }}
    />
  );
}
