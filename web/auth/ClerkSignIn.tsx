import { SignIn } from '@clerk/react';

/** Clerk's own form; `next` is where it leads. */
export function ClerkSignIn({ next }: { next: string }) {
  return <SignIn routing="hash" forceRedirectUrl={next} />;
}
