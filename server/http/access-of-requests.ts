import { TerminalError } from '../../core/errors/app-error.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import { authorize } from './authorize.ts';
import type { Credentials } from '../auth/principal.ts';
import type { AuthProvider } from '../auth/provider.ts';
import type { AnyRoute } from './route.ts';

/** A request that takes long. */
export interface LongRequest {
  readonly route: Pick<AnyRoute, 'auth' | 'scope' | 'isClosedToViewers'>;
  readonly userId: string;
  readonly credentials: Credentials;
}

export interface AccessOfRequests {
  /** Follows a request until `stop`: the signal aborts, with the error to answer, when it may not go on. */
  follow(request: LongRequest): { readonly signal: AbortSignal; readonly stop: () => void };
  stop(): void;
}

interface Followed extends LongRequest {
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

  async function look({ route, userId, credentials, startedAt, ending }: Followed): Promise<void> {
    // A token was good when the request came; that it ends by itself meanwhile takes nothing from anybody.
    const principal = await auth.authenticate(credentials, { expiredForMs: now() - startedAt });
    if (principal === null || principal.userId !== userId) {
      ending.abort(new TerminalError('AUTH_INVALID', 'The credential was revoked meanwhile. Sign in again.'));
      return;
    }
    try {
      authorize(route, principal);
    } catch (error) {
      ending.abort(error);
    }
  }

  function lookAt(chosen: readonly Followed[]): void {
    for (const request of chosen) {
      look(request).catch((error: unknown) => logger.warn({ err: error }, 'a request could not be checked again'));
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
      const followed = { ...request, startedAt: now(), ending: new AbortController() };
      all.add(followed);
      return { signal: followed.ending.signal, stop: () => all.delete(followed) };
    },
    stop: () => {
      clearInterval(timer);
      unsubscribe();
    },
  };
}
