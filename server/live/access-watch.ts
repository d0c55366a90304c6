import type { Logger } from '../../core/node-type/executor.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { Principal } from '../auth/principal.ts';
import type { AuthProvider } from '../auth/provider.ts';
import { roleIn } from '../auth/scope-of.ts';
import type { LiveSocket } from './live-socket.ts';

/** How a connection is asked again who it is. */
export interface AccessWatchOptions {
  readonly auth: AuthProvider;
  readonly notices: Pick<NoticeChannel, 'subscribe'>;
  readonly logger: Logger;
  /** Milliseconds between two looks at all connections, whatever the notices say. */
  readonly intervalMs: number;
  sockets(): Iterable<LiveSocket>;
  /** What else is asked about all connections, from time to time and where notices may have been lost. */
  lookFurther(sockets: readonly LiveSocket[]): Promise<void>;
}

/** Knows when the access of a live connection ends. */
export interface AccessWatch {
  /** Ends the connection when its credential ends by itself; returns what stops that. */
  follow(socket: LiveSocket): () => void;
  stop(): void;
}

/** Ends a connection that follows something of a workspace that its user is no member of any more. */
export function endWhereShutOut(socket: LiveSocket): void {
  const { principal, followed } = socket.data;
  if ([...followed().values()].some((workspaceId) => roleIn(principal, workspaceId) === null)) socket.disconnect(true);
}

/** Timers cannot wait longer; by then the look at all connections has happened many times. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Takes live connections from whoever may not have them any more: at once where
 * a notice says that something changed for a user, at the very moment at which
 * a token ends, and from time to time in any case.
 */
export function createAccessWatch(options: AccessWatchOptions): AccessWatch {
  const { auth, notices, logger, intervalMs, sockets, lookFurther } = options;

  let looks = 0;
  /** The look whose answer a connection has. */
  const answered = new WeakMap<LiveSocket, number>();

  /** Asks once for all connections of one credential, so that they hear of a change together. */
  async function look(connections: readonly LiveSocket[]): Promise<void> {
    const number = (looks += 1);
    const asked = connections.map((socket) => ({ socket, credentials: socket.data.credentials }));
    const now = await auth.authenticate(asked[0]!.credentials);
    for (const { socket, credentials } of asked) {
      // Renewed while we asked: the next look is about the new token.
      if (socket.data.credentials !== credentials) continue;
      // Asked before another look, and answered after it: this is what was.
      if ((answered.get(socket) ?? 0) > number) continue;
      answered.set(socket, number);
      apply(socket, now);
    }
  }

  function apply(socket: LiveSocket, now: Principal | null): void {
    if (now === null || now.userId !== socket.data.principal.userId || !now.scopes.includes('read')) {
      socket.disconnect(true);
      return;
    }
    socket.data.principal = now;
    endWhereShutOut(socket);
  }

  const tell = (error: unknown) => logger.warn({ err: error }, 'live connections could not be checked again');

  function lookAt(chosen: readonly LiveSocket[]): void {
    const byCredential = new Map<string, LiveSocket[]>();
    for (const socket of chosen) {
      const { credentials } = socket.data;
      // A key that comes as a cookie is another credential than the same one in the header.
      const credential = `${credentials.bearer === null ? 'cookie' : 'bearer'} ${auth.credentialOf(credentials)}`;
      const same = byCredential.get(credential);
      if (same === undefined) byCredential.set(credential, [socket]);
      else same.push(socket);
    }
    Promise.all([...byCredential.values()].map(look)).catch(tell);
  }

  function lookAtAll(): void {
    const all = [...sockets()];
    lookAt(all);
    lookFurther(all).catch(tell);
  }

  const timer = setInterval(lookAtAll, intervalMs);
  const unsubscribe = notices.subscribe((notice) => {
    if (notice.kind !== 'access') return;
    lookAt([...sockets()].filter((socket) => socket.data.principal.userId === notice.userId));
  }, lookAtAll);

  return {
    follow: (socket) => {
      let ending: NodeJS.Timeout | undefined;
      const wait = () => {
        const { expiresAt } = socket.data.principal;
        if (expiresAt === null) return;
        const leftMs = expiresAt.getTime() - Date.now();
        if (leftMs <= 0) socket.disconnect(true);
        else ending = setTimeout(wait, Math.min(leftMs, maxTimerMs));
      };
      wait();
      return () => clearTimeout(ending);
    },
    stop: () => {
      clearInterval(timer);
      unsubscribe();
    },
  };
}
