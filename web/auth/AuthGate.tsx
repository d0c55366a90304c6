import type { ReactNode } from 'react';
import { useConfig } from '../api/context.ts';
import { lazyPart } from '../ui/lazy-part.ts';
import { Button } from '../ui/Button.tsx';

const ClerkGate = lazyPart(() => import('./ClerkGate.tsx'), 'ClerkGate').Component;

/** Asks the server how people sign in before anything else is shown. */
export function AuthGate({ children }: { children: ReactNode }) {
  const { data: config, error, refetch } = useConfig();
  if (error !== null && config === undefined) {
    return (
      <div role="alert" className="flex h-full flex-col items-center justify-center gap-3 p-6 text-center">
        <p>{error.message}</p>
        <Button onClick={() => void refetch()}>Try again</Button>
      </div>
    );
  }
  if (config === undefined) return <div className="h-full bg-page" aria-busy="true" />;
  const { mode, publishableKey } = config.auth;
  if (mode === 'local' || publishableKey === null) return children;
  return <ClerkGate publishableKey={publishableKey}>{children}</ClerkGate>;
}
