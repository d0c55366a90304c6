import type { IncomingMessage } from 'node:http';
import { RetryableError } from '../../core/errors/app-error.ts';

/** How much of what clients send may be in memory at once. All in bytes. */
export interface BodyRoomLimits {
  /** Of everybody together. */
  readonly maxBytes: number;
  /** Of one user. */
  readonly maxBytesPerUser: number;
  /** Of all who are not signed in together. */
  readonly maxBytesOfStrangers: number;
  /** Of one network of theirs. */
  readonly maxBytesPerNetwork: number;
  /** The first so many of each body are not counted: there is room for small ones whatever others send. */
  readonly freeBytes: number;
}

/** Whose body it is: a user by id, or the network of whoever is not signed in. */
export type BodyOwner = { readonly userId: string } | { readonly network: string };

/** The place of one request: its body counts until the request is answered, since what was read of it lives as long. */
export interface BodyPlace {
  /** So many bytes more have come. Throws RATE_LIMITED where there is no room for them. */
  take(bytes: number): void;
  close(): void;
}

/** Counts bodies in the memory of one server: each has a limit, and so have all of them together. */
export interface BodyRoom {
  open(owner: BodyOwner): BodyPlace;
}

const mib = 1_048_576;

/** A fifth of what a server has at least by default; four of the largest bodies, those of model calls, of each of three users and more. */
const defaultLimits: BodyRoomLimits = {
  maxBytes: 384 * mib,
  maxBytesPerUser: 128 * mib,
  maxBytesOfStrangers: 96 * mib,
  maxBytesPerNetwork: 32 * mib,
  freeBytes: 65_536,
};

/** Room in which nothing is. */
export function createBodyRoom(limits: BodyRoomLimits = defaultLimits): BodyRoom {
  const owners = new Map<string, number>();
  let all = 0;
  let strangers = 0;

  return {
    open: (owner) => {
      const isStranger = 'network' in owner;
      const name = isStranger ? `network ${owner.network}` : `user ${owner.userId}`;
      const most = isStranger ? limits.maxBytesPerNetwork : limits.maxBytesPerUser;
      let came = 0;
      let counted = 0;
      const count = (bytes: number) => {
        const own = (owners.get(name) ?? 0) + bytes;
        if (own === 0) owners.delete(name);
        else owners.set(name, own);
        all += bytes;
        if (isStranger) strangers += bytes;
        counted += bytes;
      };
      return {
        take: (bytes) => {
          came += bytes;
          const more = Math.max(0, came - limits.freeBytes) - counted;
          const isFull =
            all + more > limits.maxBytes ||
            (owners.get(name) ?? 0) + more > most ||
            (isStranger && strangers + more > limits.maxBytesOfStrangers);
          if (more > 0 && isFull) throw busy();
          count(more);
        },
        close: () => count(-counted),
      };
    },
  };
}

const places = new WeakMap<IncomingMessage, BodyPlace>();

/** Says where the body of a request counts; whoever reads it finds that by `bodyPlaceOf`. */
export function countBody(request: IncomingMessage, place: BodyPlace): void {
  places.set(request, place);
}

/** Where the body of a request counts; undefined: nowhere. */
export function bodyPlaceOf(request: IncomingMessage): BodyPlace | undefined {
  return places.get(request);
}

function busy(): RetryableError {
  return new RetryableError(
    'RATE_LIMITED',
    'Too much that was sent to this server is being worked on. Wait for some of your requests to end, then try again.',
    { retryAfterMs: 2_000 },
  );
}
