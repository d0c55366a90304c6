import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { queryKeys, useApp, useMe } from '../api/context.ts';
import { InvitationIsInvalid, InvitationIsRead } from '../auth/InvitationStates.tsx';
import { linkToken } from '../auth/link-token.ts';
import { SignInFrame } from '../auth/SignInFrame.tsx';
import { Button, buttonClass } from '../ui/Button.tsx';
import { goToWorkspace } from './go-to-workspace.ts';
import { workspaceRoleOptions } from './roles.ts';
import { workspacesApi } from './workspaces-api.ts';

/** The token waits here while somebody signs in: what stands behind the "#" does not come along. */
const key = 'heddle-join';

function tokenOf(): string {
  const token = linkToken(window.location);
  try {
    if (token === null) return sessionStorage.getItem(key) ?? '';
    sessionStorage.setItem(key, token);
  } catch {
    // Whoever signs in first opens the link again.
  }
  return token ?? '';
}

function forget(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // It was not kept either.
  }
}

/** Joins a workspace by the link of an invitation: shows where it leads, as whom, and asks. */
export function JoinPage() {
  const { api, queries } = useApp();
  const navigate = useNavigate();
  const [token] = useState(tokenOf);
  // Whoever is not signed in is sent to do that, and comes back here.
  const { data: me } = useMe();
  const invitation = useQuery({
    queryKey: ['workspace-invitation', token],
    queryFn: () => workspacesApi(api).showInvitation(token),
    enabled: me !== undefined,
    retry: false,
    staleTime: Infinity,
  });
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const join = async () => {
    setIsBusy(true);
    setError(null);
    try {
      const { id } = await workspacesApi(api).join(token);
      forget();
      await queries.invalidateQueries({ queryKey: queryKeys.workspaces });
      goToWorkspace(queries, id);
      await navigate(`/?workspaceId=${encodeURIComponent(id)}`, { replace: true });
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setIsBusy(false);
    }
  };

  if (invitation.error !== null) {
    return (
      <InvitationIsInvalid reason={invitation.error.message}>
        <Link to="/" className={buttonClass()} onClick={forget}>
          Go to your workflows
        </Link>
      </InvitationIsInvalid>
    );
  }
  if (me === undefined || invitation.data === undefined) return <InvitationIsRead title="Join a workspace" />;
  const { workspace, role, email, invitedBy } = invitation.data;
  const hint = workspaceRoleOptions.find(({ value }) => value === role)?.hint;
  return (
    <SignInFrame title={`Join ${workspace}`}>
      <div className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-5">
        <p className="wrap-anywhere text-muted">
          {invitedBy === null ? 'You are invited' : `${invitedBy} invited you`} as{' '}
          <strong className="font-semibold text-ink">{role}</strong>
          {hint === undefined ? '.' : ` (${hint.toLowerCase()}).`}
        </p>
        <p className="wrap-anywhere text-muted">
          You are signed in as <strong className="font-semibold text-ink">{me.email}</strong>
          {me.email === email ? '.' : `; the invitation was made for ${email}.`}
        </p>
        {error !== null && (
          <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
            {error}
          </p>
        )}
        <Button variant="primary" disabled={isBusy} onClick={() => void join()}>
          {isBusy ? 'Joining …' : 'Join'}
        </Button>
        <Link to="/" className={buttonClass()} onClick={forget}>
          Not now
        </Link>
      </div>
    </SignInFrame>
  );
}
