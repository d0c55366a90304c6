import { KeyRound, LoaderCircle } from 'lucide-react';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { queryKeys, useApp } from '../api/context.ts';
import { openStarter } from '../templates/open-starter.ts';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/Field.tsx';

/** Sign in by the printed one-time link, or by e-mail and password. */
export function SignInPage() {
  const { api, queries } = useApp();
  const [parameters] = useSearchParams();
  const navigate = useNavigate();
  const token = parameters.get('token');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(token !== null);
  const hasTried = useRef(false);

  useEffect(() => {
    document.title = 'Sign in · Heddle';
  }, []);

  const enter = async (signIn: () => Promise<unknown>) => {
    setIsBusy(true);
    setError(null);
    try {
      await signIn();
      await queries.invalidateQueries({ queryKey: queryKeys.me });
      const next = parameters.get('next');
      // Only a path of this app: never a foreign address.
      const target = next !== null && /^\/(?![/\\])/.test(next) ? next : await openStarter(api);
      await navigate(target, { replace: true });
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setIsBusy(false);
    }
  };

  useEffect(() => {
    // The link works once: a second try would spoil it.
    if (token === null || hasTried.current) return;
    hasTried.current = true;
    void enter(() => api.signInWithToken(token));
  });

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void enter(() => api.signInWithPassword(String(form.get('email')), String(form.get('password'))));
  };

  return (
    <main className="flex min-h-full items-center justify-center p-6">
      <div className="w-full max-w-90">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <img src="/favicon.svg" alt="" width={48} height={48} />
          <h1 className="text-xl font-semibold">Sign in to Heddle</h1>
        </div>
        {isBusy && token !== null ? (
          <p role="status" className="flex items-center justify-center gap-2 text-muted">
            <LoaderCircle size={16} className="animate-spin" aria-hidden /> Signing you in …
          </p>
        ) : (
          <form onSubmit={onSubmit} className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-5">
            {error !== null && (
              <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
                {error}
              </p>
            )}
            <Field label="E-mail">
              {({ id }) => <TextInput id={id} name="email" type="email" autoComplete="username" required autoFocus />}
            </Field>
            <Field label="Password">
              {({ id }) => (
                <TextInput id={id} name="password" type="password" autoComplete="current-password" required />
              )}
            </Field>
            <Button type="submit" variant="primary" disabled={isBusy}>
              {isBusy ? 'Signing in …' : 'Sign in'}
            </Button>
            <p className="flex items-start gap-2 text-xs text-muted">
              <KeyRound size={14} className="mt-0.5 shrink-0" aria-hidden />
              Started with npm start? Open the sign-in link that it printed in the terminal.
            </p>
          </form>
        )}
      </div>
    </main>
  );
}
