import { useState, type FormEvent } from 'react';
import type { Me } from '../../core/api/auth.ts';
import { queryKeys, useApp, useConfig, useMe } from '../api/context.ts';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { Section } from './Section.tsx';

/** Name and address; with an identity provider they are changed there. */
export function Profile() {
  const { data: me } = useMe();
  const { data: config } = useConfig();
  const isOwnAccount = config?.auth.mode === 'local';
  return (
    <Section
      title="Profile"
      {...(config?.auth.mode === 'clerk' && {
        description: 'Edit it from your account picture at the top of the page.',
      })}
    >
      {me === undefined ? <div className="skeleton h-20" /> : isOwnAccount ? <Form me={me} /> : <Facts me={me} />}
    </Section>
  );
}

function Facts({ me }: { me: Me }) {
  const name = [me.firstName, me.lastName].filter(Boolean).join(' ');
  return (
    <dl className="grid grid-cols-[120px_1fr] gap-y-1.5">
      <dt className="text-muted">Email</dt>
      <dd className="break-all">{me.email}</dd>
      {name !== '' && (
        <>
          <dt className="text-muted">Name</dt>
          <dd>{name}</dd>
        </>
      )}
      <dt className="text-muted">Role</dt>
      <dd className="capitalize">{me.role}</dd>
    </dl>
  );
}

function Form({ me }: { me: Me }) {
  const { api, queries, notify } = useApp();
  const [email, setEmail] = useState(me.email);
  const [firstName, setFirstName] = useState(me.firstName ?? '');
  const [lastName, setLastName] = useState(me.lastName ?? '');
  const [currentPassword, setCurrentPassword] = useState('');
  const [error, setError] = useState<string | null>(null);
  const movesEmail = email.trim().toLowerCase() !== me.email;
  const isChanged = movesEmail || firstName !== (me.firstName ?? '') || lastName !== (me.lastName ?? '');

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    const change = {
      firstName,
      lastName,
      ...(movesEmail && { email, ...(me.hasPassword && { currentPassword }) }),
    };
    api.updateMe(change).then(
      (changed) => {
        queries.setQueryData(queryKeys.me, changed);
        setEmail(changed.email);
        setCurrentPassword('');
        notify({ title: 'Profile saved', kind: 'success' });
      },
      (failure: Error) => setError(failure.message),
    );
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-3">
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label="First name">
          {({ id }) => (
            <TextInput
              id={id}
              maxLength={255}
              value={firstName}
              onChange={(event) => setFirstName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Last name">
          {({ id }) => (
            <TextInput id={id} maxLength={255} value={lastName} onChange={(event) => setLastName(event.target.value)} />
          )}
        </Field>
        <Field label="Email">
          {({ id }) => (
            <TextInput
              id={id}
              type="text"
              inputMode="email"
              required
              maxLength={255}
              autoComplete="username"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        {movesEmail && me.hasPassword && (
          <Field label="Your password" hint="Required to change your email address.">
            {({ id, describedBy }) => (
              <TextInput
                id={id}
                type="password"
                required
                autoComplete="current-password"
                aria-describedby={describedBy}
                value={currentPassword}
                onChange={(event) => setCurrentPassword(event.target.value)}
              />
            )}
          </Field>
        )}
      </div>
      {error !== null && (
        <p role="alert" className="text-danger">
          {error}
        </p>
      )}
      <div className="flex items-center justify-between gap-3">
        <span className="text-muted">
          Role: <span className="capitalize">{me.role}</span>
        </span>
        <Button type="submit" disabled={!isChanged}>
          Save profile
        </Button>
      </div>
    </form>
  );
}
