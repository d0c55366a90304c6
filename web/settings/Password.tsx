import { useState, type FormEvent } from 'react';
import { queryKeys, useApp, useConfig, useMe } from '../api/context.ts';
import { NewPasswordField } from '../auth/PasswordField.tsx';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Section } from './Section.tsx';

/** Sets or changes the password; nothing where an identity provider keeps it. */
export function Password() {
  const { api, queries, notify } = useApp();
  const { data: me } = useMe();
  const { data: config } = useConfig();
  const [currentPassword, setCurrentPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  if (me === undefined || config?.auth.mode !== 'local') return null;

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    api.changePassword({ newPassword, ...(currentPassword !== '' && { currentPassword }) }).then(
      () => {
        setCurrentPassword('');
        setNewPassword('');
        notify({ title: 'Password changed', description: 'You are signed out everywhere else.', kind: 'success' });
        void queries.invalidateQueries({ queryKey: queryKeys.me });
        void queries.invalidateQueries({ queryKey: queryKeys.sessions });
      },
      (failure: Error) => setError(failure.message),
    );
  };
  return (
    <Section
      title="Password"
      description={
        me.hasPassword
          ? 'Changing it signs you out everywhere else.'
          : 'You have no password yet. With one, you can sign in without a link.'
      }
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-3">
        <input type="hidden" name="username" autoComplete="username" value={me.email} readOnly />
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          {me.hasPassword && (
            <Field label="Current password" hint="Can be left empty right after signing in with a link.">
              {({ id, describedBy }) => (
                <TextInput
                  id={id}
                  type="password"
                  autoComplete="current-password"
                  aria-describedby={describedBy}
                  value={currentPassword}
                  onChange={(event) => setCurrentPassword(event.target.value)}
                />
              )}
            </Field>
          )}
          <NewPasswordField email={me.email} value={newPassword} onChange={setNewPassword} />
        </div>
        {error !== null && (
          <p role="alert" className="text-danger">
            {error}
          </p>
        )}
        <div className="flex justify-end">
          <Button type="submit" disabled={newPassword === ''}>
            {me.hasPassword ? 'Change password' : 'Set password'}
          </Button>
        </div>
      </form>
    </Section>
  );
}
