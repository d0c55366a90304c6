import { ClerkFailed, ClerkLoaded, ClerkLoading, ClerkProvider, useAuth } from '@clerk/react';
import { LoaderCircle } from 'lucide-react';
import { useInsertionEffect, type ReactNode } from 'react';
import { useApp } from '../api/context.ts';
import { addressOf } from '../ui/app-address.ts';

/** Loads Clerk's script, and shows the app once tokens can be had. In a chunk of its own: local mode never loads it. */
export function ClerkGate({ publishableKey, children }: { publishableKey: string; children: ReactNode }) {
  return (
    <ClerkProvider
      publishableKey={publishableKey}
      telemetry={false}
      signInUrl={addressOf('/sign-in')}
      afterSignOutUrl={addressOf('/sign-in')}
    >
      <ClerkLoading>
        <p role="status" className="flex h-full items-center justify-center gap-2 text-muted">
          <LoaderCircle size={16} className="animate-spin" aria-hidden /> Loading sign-in …
        </p>
      </ClerkLoading>
      <ClerkFailed>
        <p role="alert" className="p-10 text-center text-danger">
          The sign-in service cannot be reached. Check your connection and reload this page.
        </p>
      </ClerkFailed>
      <ClerkLoaded>
        <WithTokens>{children}</WithTokens>
      </ClerkLoaded>
    </ClerkProvider>
  );
}

function WithTokens({ children }: { children: ReactNode }) {
  const { accessToken } = useApp();
  const { getToken } = useAuth();
  // Before the effects of the pages, which send the first requests.
  useInsertionEffect(() => {
    accessToken.use(() => getToken());
    return () => accessToken.use(null);
  }, [accessToken, getToken]);
  return children;
}
