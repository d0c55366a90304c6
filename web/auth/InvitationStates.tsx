import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { SignInFrame } from './SignInFrame.tsx';

/** The page of an invitation while nobody knows whether it holds. */
export function InvitationIsRead({ title }: { title: string }) {
  return (
    <SignInFrame title={title}>
      <p role="status" className="flex items-center justify-center gap-2 text-muted">
        <LoaderCircle size={16} className="animate-spin" aria-hidden /> Checking the invitation …
      </p>
    </SignInFrame>
  );
}

/** The page of one that does not hold: why, and below it a way on. */
export function InvitationIsInvalid({ reason, children }: { reason: string; children: ReactNode }) {
  return (
    <SignInFrame title="This invitation is not valid">
      <div className="flex flex-col items-center gap-4 rounded-xl border border-line bg-surface p-5 text-center">
        <p role="alert" className="text-muted">
          {reason}
        </p>
        {children}
      </div>
    </SignInFrame>
  );
}
