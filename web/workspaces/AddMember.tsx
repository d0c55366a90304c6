import { useState, type FormEvent } from 'react';
import type { WorkspaceRole } from '../../core/scope.ts';
import { queryKeys, useApp } from '../api/context.ts';
import type { ShownLink } from '../members/LinkDialog.tsx';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Select } from '../ui/Select.tsx';
import { workspaceRoleOptions } from './roles.ts';
import { workspacesApi } from './workspaces-api.ts';

/** Address and role of a new member; a link that makes their account is handed to `onLink`. */
export function AddMember({ workspaceId, onLink }: { workspaceId: string; onLink(link: ShownLink): void }) {
  const { api, queries, notify } = useApp();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<WorkspaceRole>('editor');
  const [error, setError] = useState<string | null>(null);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    workspacesApi(api)
      .add(workspaceId, email.trim(), role)
      .then(
        ({ invited, path }) => {
          setEmail('');
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
        },
        (failure: Error) => setError(failure.message),
      );
  };
  return (
    <form onSubmit={onSubmit} className="flex items-end gap-2 max-sm:flex-col max-sm:items-stretch">
      <div className="flex-1">
        <Field label="Email" error={error ?? undefined}>
          {({ id, describedBy, isInvalid }) => (
            <TextInput
              id={id}
              type="email"
              required
              maxLength={255}
              aria-describedby={describedBy}
              aria-invalid={isInvalid}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
      </div>
      <Select
        label="Role of the new member"
        value={role}
        groups={[{ options: workspaceRoleOptions }]}
        width="w-32 max-sm:w-full"
        onChange={(value) => setRole(value as WorkspaceRole)}
      />
      <Button type="submit" variant="primary" disabled={email.trim() === ''}>
        Add
      </Button>
    </form>
  );
}
