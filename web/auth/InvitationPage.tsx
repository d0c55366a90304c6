import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import { queryKeys, useApp } from '../api/context.ts';
import { firstPage } from './first-page.ts';
import { Button, buttonClass } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { InvitationIsInvalid, InvitationIsRead } from './InvitationStates.tsx';
import { linkToken } from './link-token.ts';
import { NewPasswordField } from './PasswordField.tsx';
import { SignInFrame } from './SignInFrame.tsx';

/** Comes in by an invitation: shows whom it is for, and takes name and password. */
export function InvitationPage() {
  const { api, queries } = useApp();
  const navigate = useNavigate();
  const [token] = useState(() => linkToken(window.location) ?? '');
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => api.showInvitation(token),
    retry: false,
    staleTime: Infinity,
  });
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setIsBusy(true);
    setError(null);
    const accept = async () => {
      await api.acceptInvitation({
        token,
        password,
        firstName: String(form.get('firstName')),
        lastName: String(form.get('lastName')),
      });
      await queries.invalidateQueries({ queryKey: queryKeys.me });
      await navigate(await firstPage(api), { replace: true });
    };
    accept().catch((failure: unknown) => {
      setError(failure instanceof Error ? failure.message : String(failure));
      setIsBusy(false);
    });
  };

  if (invitation.error !== null) {
    return (
      <InvitationIsInvalid reason={invitation.error.message}>
        <Link to="/sign-in" className={buttonClass()}>
          Go to sign-in
        </Link>
      </InvitationIsInvalid>
    );
  }
  if (invitation.data === undefined) return <InvitationIsRead title="Join Heddle" />;
  const { email, role } = invitation.data;
  return (
    <SignInFrame title="Join Heddle">
      <form onSubmit={onSubmit} className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-5">
        <p className="text-muted">
          You are invited to join as <strong className="font-semibold text-ink">{role}</strong>, with the email address{' '}
          <strong className="font-semibold wrap-anywhere text-ink">{email}</strong>.
        </p>
        {error !== null && (
          <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
            {error}
          </p>
        )}
        <div className="grid grid-cols-2 gap-3">
          <Field label="First name">
            {({ id }) => <TextInput id={id} name="firstName" maxLength={255} autoComplete="given-name" autoFocus />}
          </Field>
          <Field label="Last name">
            {({ id }) => <TextInput id={id} name="lastName" maxLength={255} autoComplete="family-name" />}
          </Field>
        </div>
        {/* For password managers: which account the password is of. */}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <NewPasswordField label="Password" email={email} value={password} onChange={setPassword} />
        <Button type="submit" variant="primary" disabled={isBusy}>
          {isBusy ? 'Joining …' : 'Join'}
        </Button>
      </form>
    </SignInFrame>
  );
}
