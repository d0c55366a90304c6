import { TerminalError } from '../../core/errors/app-error.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import { authorize } from './authorize.ts';
import type { InWorkspace } from '../../core/scope.ts';
import type { Credentials, Principal } from '../auth/principal.ts';
import { requireRole, scopeIn, workspaceNotFound } from '../auth/scope-of.ts';
import type { AuthProvider } from '../auth/provider.ts';
import type { AnyRoute } from './route.ts';

/** A request that takes long. */
export interface LongRequest {
  readonly route: Pick<AnyRoute, 'auth' | 'scope' | 'isClosedToViewers' | 'place'>;
  readonly userId: string;
  readonly credentials: Credentials;
}

/** Ends requests that are under way when their access ends. */
export interface AccessOfRequests {
  /** Follows a request until `stop`: the signal aborts, with the error to answer, when it may not go on. */
  follow(request: LongRequest): FollowedRequest;
  stop(): void;
}

/** One of them. */
export interface FollowedRequest {
  readonly signal: AbortSignal;
  /** Says which workspace it turned out to be about: it ends as well when the role there is too small by then. */
  within(scope: InWorkspace): void;
  stop(): void;
}

interface Followed extends LongRequest {
  workspaceId: string | null;
  /** Somebody was looked up for it before the workspace was known. */
  isLookedAt: boolean;
  readonly startedAt: number;
  readonly ending: AbortController;
}

/**
 * Ends requests under way whose credential was revoked, whose session has ended or whose user may not do it any more: at
 * once where a notice says that something has changed for a user, and from time to time in any case.
 */
export function createAccessOfRequests(options: {
  readonly auth: Pick<AuthProvider, 'authenticate'>;
  readonly notices: Pick<NoticeChannel, 'subscribe'>;
  readonly logger: Logger;
  /** Milliseconds between two looks at all of them, whatever the notices say. */
  readonly intervalMs: number;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
}): AccessOfRequests {
  const { auth, notices, logger, now } = options;
  const all = new Set<Followed>();

  /** Looks at the requests of one credential: what one of them gives up with its end no other one takes before its own. */
  async function look(requests: readonly [Followed, ...Followed[]]): Promise<void> {
    for (const followed of requests) followed.isLookedAt = true;
    // A token was good when the request came; that it ends by itself meanwhile takes nothing from anybody.
    const expiredForMs = now() - Math.min(...requests.map(({ startedAt }) => startedAt));
    const principal = await auth.authenticate(requests[0].credentials, { expiredForMs });
    for (const followed of requests) judge(followed, principal);
  }

  function judge({ route, userId, workspaceId, ending }: Followed, principal: Principal | null): void {
    if (principal === null || principal.userId !== userId) {
      ending.abort(new TerminalError('AUTH_INVALID', 'The credential was revoked meanwhile. Sign in again.'));
      return;
    }
    try {
      authorize(route, principal);
      if (workspaceId !== null && typeof route.place === 'object') {
        const scope = scopeIn(principal, workspaceId);
        if (scope === null) throw workspaceNotFound(workspaceId);
        requireRole(scope, route.place.role);
      }
    } catch (error) {
      ending.abort(error);
    }
  }

  function lookAt(chosen: readonly Followed[]): void {
    const byCredential = new Map<string, [Followed, ...Followed[]]>();
    for (const request of chosen) {
      const key = JSON.stringify([request.credentials.bearer, [...request.credentials.cookies]]);
      const same = byCredential.get(key);
      if (same === undefined) byCredential.set(key, [request]);
      else same.push(request);
    }
    for (const requests of byCredential.values()) {
      look(requests).catch((error: unknown) => logger.warn({ err: error }, 'requests could not be checked again'));
    }
  }

  const timer = setInterval(() => lookAt([...all]), options.intervalMs);
  const unsubscribe = notices.subscribe(
    (notice) => {
      if (notice.kind === 'access') lookAt([...all].filter(({ userId }) => userId === notice.userId));
    },
    () => lookAt([...all]),
  );

  return {
    follow: (request) => {
      const ending = new AbortController();
      const followed: Followed = { ...request, startedAt: now(), ending, workspaceId: null, isLookedAt: false };
      all.add(followed);
      return {
        signal: ending.signal,
        within: ({ workspaceId }) => {
          followed.workspaceId = workspaceId;
          if (followed.isLookedAt) lookAt([followed]);
        },
        stop: () => all.delete(followed),
      };
    },
    stop: () => {
      clearInterval(timer);
      unsubscribe();
    },
  };
}
