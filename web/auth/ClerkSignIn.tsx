import { SignIn } from '@clerk/react';
import { addressOf } from '../ui/app-address.ts';

/** Clerk's own form; `next` is where it leads. */
export function ClerkSignIn({ next }: { next: string }) {
  return <SignIn routing="hash" forceRedirectUrl={addressOf(next)} />;
}
