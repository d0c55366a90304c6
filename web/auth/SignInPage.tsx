import { KeyRound } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { queryKeys, useApp, useConfig } from '../api/context.ts';
import { firstPage } from './first-page.ts';
import { addressOf } from '../ui/app-address.ts';
import { Button, buttonClass } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { linkToken } from './link-token.ts';
import { SignInFrame } from './SignInFrame.tsx';

const ClerkSignIn = lazyPart(() => import('./ClerkSignIn.tsx'), 'ClerkSignIn').Component;

/** Sign in by a one-time link, by e-mail and password, or with the identity provider. */
export function SignInPage() {
  const { data: config } = useConfig();
  const [parameters] = useSearchParams();
  const next = parameters.get('next');
  // Only a path of this app, never a foreign address; the list is no wish of its own.
  const target = next !== null && next !== '/' && /^\/(?![/\\])/.test(next) ? next : null;
  if (config?.auth.mode === 'clerk') {
    return (
      <main className="flex min-h-full items-center justify-center p-6">
        <ClerkSignIn next={target ?? '/start'} />
      </main>
    );
  }
  return <LocalSignIn target={target} providers={config?.auth.providers ?? []} refusal={parameters.get('error')} />;
}

/** Why somebody came back from an identity provider without being signed in. */
const refusals: Readonly<Record<string, string>> = {
  expired: 'This sign-in took too long, or was used already. Try again.',
  refused: 'The identity provider did not sign you in. Try again, or ask your administrator.',
  'no-group': 'You are in none of the groups that may use Heddle. Ask your administrator.',
  removed: 'Your account was removed. Ask an owner.',
  unreachable: 'The identity provider cannot be reached. Try again in a minute.',
  failed: 'The answer of the identity provider could not be verified. Try again; if that does not help, ask an owner.',
};

const startOf = (id: string, target: string | null) =>
  addressOf(`/api/auth/oidc/${id}/start${target === null ? '' : `?next=${encodeURIComponent(target)}`}`);

interface LocalSignInProps {
  readonly target: string | null;
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  /** A key of `refusals`. */
  readonly refusal: string | null;
}

function LocalSignIn({ target, providers, refusal }: LocalSignInProps) {
  const { api, queries } = useApp();
  const navigate = useNavigate();
  const [token, setToken] = useState(() => linkToken(window.location));
  const [error, setError] = useState<string | null>(refusal === null ? null : (refusals[refusal] ?? null));
  const [isBusy, setIsBusy] = useState(false);

  const enter = async (signIn: () => Promise<unknown>) => {
    setIsBusy(true);
    setError(null);
    try {
      await signIn();
      await queries.invalidateQueries({ queryKey: queryKeys.me });
      await navigate(target ?? (await firstPage(api)), { replace: true });
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setIsBusy(false);
    }
  };

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void enter(() => api.signInWithPassword(String(form.get('email')), String(form.get('password'))));
  };

  return (
    <SignInFrame title="Sign in to Heddle">
      {token !== null ? (
        <LinkSignIn
          isBusy={isBusy}
          error={error}
          onUse={() => void enter(() => api.signInWithToken(token))}
          onDecline={() => {
            setToken(null);
            setError(null);
          }}
        />
      ) : (
        <form onSubmit={onSubmit} className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-5">
          {error !== null && (
            <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
              {error}
            </p>
          )}
          <Field label="Email">
            {({ id }) => <TextInput id={id} name="email" type="email" autoComplete="username" required autoFocus />}
          </Field>
          <Field label="Password">
            {({ id }) => <TextInput id={id} name="password" type="password" autoComplete="current-password" required />}
          </Field>
          <Button type="submit" variant="primary" disabled={isBusy}>
            {isBusy ? 'Signing in …' : 'Sign in'}
          </Button>
          {providers.map(({ id, name }) => (
            <a key={id} href={startOf(id, target)} className={buttonClass()}>
              Sign in with {name}
            </a>
          ))}
          <p className="flex items-start gap-2 text-xs text-muted">
            <KeyRound size={14} className="mt-0.5 shrink-0" aria-hidden />
            Started with npm start? Open the sign-in link printed in the terminal. Forgot the password? An owner can
            create a sign-in link for you. Owners run “heddle sign-in-link” on the server.
          </p>
        </form>
      )}
    </SignInFrame>
  );
}

/** Opening a link uses nothing up, as scanners of mail open links and run scripts; the button does. */
function LinkSignIn(props: {
  readonly isBusy: boolean;
  readonly error: string | null;
  onUse(): void;
  onDecline(): void;
}) {
  const { isBusy, error, onUse, onDecline } = props;
  return (
    <div className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-5 text-center">
      {error === null ? (
        <p className="text-muted">This link works once.</p>
      ) : (
        <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
          {error}
        </p>
      )}
      <Button variant="primary" disabled={isBusy} onClick={onUse} autoFocus>
        {isBusy ? 'Signing in …' : 'Sign in'}
      </Button>
      <Button disabled={isBusy} onClick={onDecline}>
        Use a password instead
      </Button>
    </div>
  );
}
