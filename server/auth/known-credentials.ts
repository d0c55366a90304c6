import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { Credentials, Principal } from './principal.ts';
import type { AuthProvider } from './provider.ts';

/** Programs send many requests a second with one key; a lost notice lets an ended credential live on by no more than this. */
const knownForMs = 1_000;
/** Credentials remembered at most, each some hundred bytes; the least recently used is forgotten first. */
const maxCredentials = 10_000;

/**
 * Who is asking, as the provider said within the last second. For requests
 * alone: what goes on for longer, such as a live connection, asks the provider itself.
 */
export interface KnownCredentials {
  /** As the provider's; requests that come at once ask it together. */
  authenticate(credentials: Credentials): Promise<Principal | null>;
  /** The next request of the user is looked up anew, whatever was known or is being asked. Called when something about them has changed. */
  forget(userId: string): void;
  stop(): void;
}

interface Known {
  readonly asked: Promise<Principal | null>;
  readonly until: number;
  /** Null until the provider has answered. */
  userId: string | null;
}

/** Remembers for a second what the provider said. */
export function createKnownCredentials(options: {
  readonly auth: Pick<AuthProvider, 'credentialOf' | 'authenticate'>;
  readonly notices: Pick<NoticeChannel, 'subscribe'>;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
}): KnownCredentials {
  const { auth, notices, now } = options;
  /** By the hash of the credential: the secret itself is nowhere kept. */
  const known = new LRUCache<string, Known>({ max: maxCredentials });

  function forget(userId: string): void {
    // Of an answer that is still to come nobody knows whose it is, nor whether it is from before the change.
    for (const [key, entry] of known) if (entry.userId === null || entry.userId === userId) known.delete(key);
  }

  async function ask(credentials: Credentials, key: string): Promise<Principal | null> {
    const entry: Known = { asked: auth.authenticate(credentials), until: now() + knownForMs, userId: null };
    known.set(key, entry);
    // Only good news is remembered.
    const drop = () => {
      if (known.peek(key) === entry) known.delete(key);
    };
    try {
      const principal = await entry.asked;
      if (principal === null) drop();
      else entry.userId = principal.userId;
      return principal;
    } catch (error) {
      drop();
      throw error;
    }
  }

  const unsubscribe = notices.subscribe(
    (notice) => {
      if (notice.kind === 'access') forget(notice.userId);
    },
    () => known.clear(),
  );

  return {
    authenticate: async (credentials) => {
      const credential = auth.credentialOf(credentials);
      if (credential === null) return null;
      // A key that comes as a cookie is another credential than the same one in the header.
      const key = hash('sha256', `${credentials.bearer === null ? 'cookie' : 'bearer'} ${credential}`);
      const entry = known.get(key);
      return entry !== undefined && entry.until > now() ? entry.asked : ask(credentials, key);
    },
    forget,
    stop: () => {
      unsubscribe();
      known.clear();
    },
  };
}
