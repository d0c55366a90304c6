import { UserButton } from '@clerk/react';

/** The person's picture, with profile, sessions and sign-out of Clerk behind it. */
export function ClerkUser() {
  return <UserButton />;
}
